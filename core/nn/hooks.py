"""Hooks around a module's forward: functions that watch, or change, what goes in and comes out."""

from collections import OrderedDict
from itertools import count

from plugrad.nn.backward_hooks import BackwardCall


class RemovableHandle:
    """What registering a hook returns: `.remove()`, or the end of a `with`, takes the hook away."""

    numbers = count()

    def __init__(self, hooks, hook, first=False):
        self.hooks, self.id = hooks, next(self.numbers)
        hooks[self.id] = hook
        if first:
            hooks.move_to_end(self.id, last=False)

    def remove(self):
        """Take the hook away; a second time does nothing."""
        self.hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


class Hooks:
    """The hooks of one module, in the order in which they are called."""

    def __init__(self):
        self.before, self.after = OrderedDict(), OrderedDict()   # number -> (hook, with_kwargs)
        self.backward_before, self.backward_after = OrderedDict(), OrderedDict()

    def around(self, module):
        """module.forward with the hooks before and after it."""
        def forward(*args, **kwargs):
            for hook, with_kwargs in list(self.before.values()):
                args, kwargs = changed_input(module, hook, with_kwargs, args, kwargs)
            if self.backward_before or self.backward_after:
                call = BackwardCall(module, self.backward_before, self.backward_after)
                output = call.run(module.forward, args, kwargs)
            else:
                output = module.forward(*args, **kwargs)
            for hook, with_kwargs in list(self.after.values()):
                named = (kwargs,) if with_kwargs else ()
                changed = hook(module, args, *named, output)
                output = output if changed is None else changed
            return output
        return forward


def changed_input(module, hook, with_kwargs, args, kwargs):
    """The arguments of forward as a pre-hook leaves them; it returns None to leave them alone."""
    if with_kwargs:
        changed = hook(module, args, kwargs)
        if changed is None:
            return args, kwargs
        if not isinstance(changed, tuple) or len(changed) != 2:
            raise RuntimeError("forward pre-hook: expected None or a pair (args, kwargs), got "
                               f"{changed!r}")
        return changed
    changed = hook(module, args)
    if changed is None:
        return args, kwargs
    return changed if isinstance(changed, tuple) else (changed,), kwargs
