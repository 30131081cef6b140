"""Checkpoints: computing a part of a model twice instead of keeping what its backward needs."""

import sys

from plugrad.autograd import enable_grad, grad, is_grad_enabled
from plugrad.tensor.random import default_generator
from plugrad.tensor.tensor import Op, Tensor


def checkpoint(function, *args, use_reentrant=None, preserve_rng_state=True, **kwargs):
    """function(*args, **kwargs), computed again in backward   (Chen et al., 2016)

    Gradients go to the arguments and to leaves, such as the parameters of a module; what else needs
    a gradient must be an argument.
    preserve_rng_state: the second time with the same random numbers.   use_reentrant: without
    effect, there is one way.   There are no gradients of its gradients: RuntimeError.
    """
    again = Checkpoint(function, args, kwargs, preserve_rng_state)
    own, results, outputs = again.call()
    again.inputs += leaves(outputs, own)
    again.arrays = tuple(y.detach().numpy() for y in outputs)
    recorded = iter(again(*again.inputs))
    again.called_from(sys._getframe(1))
    if isinstance(results, tuple):
        return tuple(next(recorded) if isinstance(y, Tensor) else y for y in results)
    return next(recorded)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, preserve_rng_state=True):
    """The functions one after the other, a Sequential or a list, as `segments` checkpoints."""
    functions = list(functions)
    size = max(len(functions) // segments, 1)
    starts = [*range(0, size * segments, size)][:segments]
    for start, end in zip(starts, [*starts[1:], len(functions)]):
        def run(x, part=functions[start:end]):
            for function in part:
                x = function(x)
            return x

        input = checkpoint(run, input, preserve_rng_state=preserve_rng_state)
    return input


class Checkpoint(Op):
    """A call that backward makes once more.  Its inputs are the arguments, then the leaves."""

    def __init__(self, function, args, kwargs, preserve_rng_state):
        self.function, self.names, self.n = function, list(kwargs), len(args)
        self.inputs = [*args, *kwargs.values()]
        self.state = default_generator.get_state() if preserve_rng_state else None

    def call(self):
        """(the arguments with a graph that begins at them, the result, the Tensors in it)"""
        own = [x.detach().requires_grad_(x.requires_grad) if isinstance(x, Tensor) else x
               for x in self.inputs[:self.n + len(self.names)]]
        results = self.function(*own[:self.n], **dict(zip(self.names, own[self.n:])))
        found = results if isinstance(results, tuple) else (results,)
        outputs = [y for y in found if isinstance(y, Tensor)]
        if not outputs:
            raise TypeError("checkpoint: the function must return a Tensor or a tuple with Tensors "
                            f"in it, got {type(results).__name__}")
        return own, results, outputs

    def forward(self, *inputs):
        self.save(*(x for x, tensor in zip(inputs, self.inputs) if isinstance(tensor, Tensor)))
        arrays, self.arrays = self.arrays, None
        return arrays

    def vjp(self, *gs):
        if is_grad_enabled():
            raise RuntimeError("checkpoint: there are no gradients of its gradients; call the "
                               "function itself where create_graph=True")
        _ = self.saved                           # raises if inputs were written to, or were freed
        own, outputs = self.repeat()
        moving = [x for x in (*own, *self.inputs[len(own):])
                  if isinstance(x, Tensor) and x.requires_grad]
        pairs = [(y, g) for y, g in zip(outputs, gs) if y.requires_grad]
        # What the function found outside of its arguments may have a graph that others need still.
        found = iter(grad([y for y, _ in pairs], moving, [g for _, g in pairs], retain_graph=True,
                          allow_unused=True))
        return tuple(next(found) if isinstance(x, Tensor) and x.requires_grad else None
                     for x in self.inputs)

    def repeat(self):
        """The call, with the random numbers of the first."""
        now = default_generator.get_state()
        if self.state is not None:
            default_generator.set_state(self.state)
        with enable_grad():
            own, _, outputs = self.call()
        if self.state is not None:
            default_generator.set_state(now)
        return own, outputs


def leaves(outputs, own):
    """The leaves that the outputs were computed from, but for those in `own`."""
    stack = [y.grad_fn or y for y in outputs if y.requires_grad]
    seen = {id(x) for x in own}
    found = []
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Tensor):
            found.append(node)
        else:
            stack += [parent for parent, _ in node.next_functions]
    return found
