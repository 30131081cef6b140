"""Module: what every layer, activation, normalization, loss and model is."""

from collections import OrderedDict
from types import MappingProxyType

from plugrad.nn.call import Called
from plugrad.nn.hooks import Hooks, RemovableHandle
from plugrad.nn.members import BUFFER, MODULE, PARAMETER, TRANSIENT, Members, join
from plugrad.nn.moving import Moving
from plugrad.nn.parameter import Buffer, Parameter, Uninitialized
from plugrad.nn.state import EXTRA, load, own_state
from plugrad.tensor.arguments import instance, left_over
from plugrad.tensor.tensor import Tensor

NOT_INITIALIZED = MappingProxyType({})


class Module(Moving, Called):
    """y = module(x) calls `forward(x)`, which a subclass defines.

    A Parameter or Module that is assigned to an attribute becomes a member under its name: found
    by `parameters()`, moved by optimizers, saved by `state_dict()`, converted by `to()`.  Members
    are ordinary attributes, as fast to reach; `_roles` remembers which attributes are members.
    """

    training = True
    _roles = NOT_INITIALIZED            # name -> role, in order of registration

    def __init__(self, *args, **options):
        if args or options:
            raise left_over(self, args, options)
        object.__setattr__(self, "_roles", {})
        self.training = True

    # ---- calling

    def forward(self, *args, **kwargs):
        """The computation; every subclass defines it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function')

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False):
        """After each call, run hook(module, args, output); what it returns, if anything, becomes
        the output.  with_kwargs: hook(module, args, kwargs, output).  Returns a handle with
        `.remove()`."""
        return RemovableHandle(self._own_hooks().after, (hook, with_kwargs), prepend)

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Before each call, run hook(module, args); what it returns, if anything, becomes the
        arguments.  with_kwargs: hook(module, args, kwargs) and a pair.  Returns a handle."""
        return RemovableHandle(self._own_hooks().before, (hook, with_kwargs), prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """In backward, run hook(module, grad_input, grad_output), tuples with None for what is no
        Tensor; what it returns, if anything, goes on in place of grad_input.  Returns a handle."""
        return RemovableHandle(self._own_hooks().backward_after, hook, prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """In backward, run hook(module, grad_output) first; what it returns, if anything, takes
        grad_output's place.  Returns a handle."""
        return RemovableHandle(self._own_hooks().backward_before, hook, prepend)

    def _own_hooks(self):
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    # ---- members

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            self._register(name, value, PARAMETER)
        elif isinstance(value, Buffer):
            self.register_buffer(name, value, value.persistent)
        elif isinstance(value, Module):
            self._register(name, value, MODULE)
        elif name in self._roles:
            self._register(name, value, self._roles[name])
        else:
            object.__setattr__(self, name, value)

    def __delattr__(self, name):
        object.__delattr__(self, name)
        if name in self._roles:
            del self._roles[name]

    def _register(self, name, member, role):
        """Make `member`, of the type that `role` asks for or None, the attribute `name`."""
        if self._roles is NOT_INITIALIZED:
            raise AttributeError(
                f"cannot assign {role} {name!r} before Module.__init__() call; begin "
                f"{type(self).__name__}.__init__ with super().__init__()")
        expected = {PARAMETER: Parameter, MODULE: Module}.get(role, Tensor)
        if member is not None and not isinstance(member, expected):
            raise TypeError(f"{type(self).__name__}: cannot assign {type(member).__name__} as "
                            f"{role} {name!r}: expected {expected.__name__} or None")
        if not isinstance(name, str):
            raise TypeError(f"{role}: a name must be a string, got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"{role}: a name must not be empty or contain a dot, got {name!r}")
        if hasattr(type(self), name):
            raise KeyError(f"{role}: {type(self).__name__} has an attribute {name!r} already")
        if self._roles.get(name) != role:
            self._roles.pop(name, None)               # in its new role it comes last
            self._roles[name] = role
        object.__setattr__(self, name, member)

    def _register_new(self, name, member, role, before=()):
        """As `_register`, for a name that is free, or was a member in this role (or `before`)."""
        if name in self.__dict__ and self._roles.get(name) not in (role, *before):
            raise KeyError(f"{role}: attribute {name!r} already exists")
        self._register(name, member, role)

    def register_parameter(self, name, param):
        """Add a Parameter, or None for one that is left out.  Raises KeyError for a taken name."""
        self._register_new(name, param, PARAMETER)

    def register_buffer(self, name, tensor, persistent=True):
        """Add a Tensor that is no parameter, such as a running mean, or None.

        persistent: whether it is part of `state_dict`.   Raises KeyError for a taken name.
        """
        role = BUFFER if persistent else TRANSIENT
        self._register_new(name, tensor, role, before=(BUFFER, TRANSIENT))

    def register_module(self, name, module):
        """Add a child, or None.  Raises KeyError for a taken name."""
        self._register_new(name, module, MODULE)

    add_module = register_module

    def compile(self, *args, **kwargs):
        """Nothing, whatever the options: its operations are compiled already."""

    # The three dicts of PyTorch's modules, for code that goes there directly.
    _parameters = property(lambda self: Members(self, PARAMETER))
    _buffers = property(lambda self: Members(self, BUFFER, TRANSIENT))
    _modules = property(lambda self: Members(self, MODULE))

    def _members(self, *roles):
        """[(name, member)] of this module itself; a member may be None."""
        return [(name, getattr(self, name)) for name, role in self._roles.items() if role in roles]

    # ---- walking

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(dotted name, module) of this module, named by prefix, and all that it contains."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, role in [*self._roles.items()]:
            if role == MODULE:
                child = getattr(self, name)
                if child is not None:
                    yield from child.named_modules(memo, join(prefix, name), remove_duplicate)

    def modules(self):
        """This module and all that it contains, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self):
        """(name, module) of the modules directly inside, each once."""
        seen = {}
        for name, child in self._members(MODULE):
            if child is not None:
                seen.setdefault(id(child), (name, child))
        return iter(seen.values())

    def children(self):
        """The modules directly inside, each once."""
        return (child for _, child in self.named_children())

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, Parameter) of this module and, with recurse, of all inside."""
        return self._named((PARAMETER,), prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The Parameters of this module and, with recurse, of all inside, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, Tensor) of the buffers."""
        return self._named((BUFFER, TRANSIENT), prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, roles, prefix, recurse, remove_duplicate):
        seen = set()
        modules = (self.named_modules(None, prefix, remove_duplicate) if recurse
                   else [(prefix, self)])
        for path, module in modules:
            for name, role in [*module._roles.items()]:
                member = getattr(module, name) if role in roles else None
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield join(path, name), member

    def get_submodule(self, target):
        """The module of that dotted name ("" for this one).  Raises AttributeError."""
        module = self
        for name in instance(target, str, "get_submodule").split(".") if target else []:
            if not isinstance(getattr(module, name, None), Module):
                raise AttributeError(f"{type(module).__name__} has no module {name!r}, asked for "
                                     f"as {target!r} of {type(self).__name__}")
            module = getattr(module, name)
        return module

    def get_parameter(self, target):
        """The Parameter of that dotted name.  Raises AttributeError."""
        path, _, name = instance(target, str, "get_parameter").rpartition(".")
        parameter = getattr(self.get_submodule(path), name, None)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")
        return parameter

    def get_buffer(self, target):
        """The buffer of that dotted name.  Raises AttributeError."""
        path, _, name = instance(target, str, "get_buffer").rpartition(".")
        module = self.get_submodule(path)
        if name not in module._buffers:
            raise AttributeError(f"{type(self).__name__} has no buffer {target!r}")
        return module._buffers[name]

    def set_submodule(self, target, module):
        """Put another Module in the place of that dotted name.  Raises AttributeError for a name
        that is not there, ValueError for what is no Module."""
        if not isinstance(module, Module):
            raise ValueError(f"set_submodule: expected a Module, got {type(module).__name__}")
        self.get_submodule(target)
        path, _, name = target.rpartition(".")
        setattr(self.get_submodule(path), name, module)

    # ---- doing something to all of them

    def apply(self, fn):
        """Call fn(module) for every module inside, and last for this one.  Returns self."""
        if not callable(fn):
            raise TypeError(f"apply: expected a function of a module, got {type(fn).__name__}")
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode=True):
        """Switch to training (or with False to evaluation), as Dropout and BatchNorm need to know.
        Returns self."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode is expected to be boolean, got {mode!r}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """Switch to evaluation.  Returns self."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Ask for gradients of all parameters, or with False freeze them.  Returns self."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.detach_().zero_()

    # ---- saving, copying, printing

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """{dotted name: Tensor} of all parameters and persistent buffers, on their own memory.

        keep_vars: the Parameters themselves rather than detached tensors.   What a subclass's
        get_extra_state() returns, if it has one, is there as well; set_extra_state(state) gets it.
        """
        destination = OrderedDict() if destination is None else destination
        for name, tensor in own_state(self, prefix):
            keep = keep_vars or isinstance(tensor, Uninitialized)
            destination[name] = tensor if keep else tensor.detach()
        if hasattr(self, "get_extra_state"):
            destination[prefix + EXTRA] = self.get_extra_state()
        for name, child in self._members(MODULE):
            if child is not None:
                child.state_dict(destination=destination, prefix=f"{prefix}{name}.",
                                 keep_vars=keep_vars)
        return destination

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy {dotted name: Tensor} into the parameters and buffers, or with assign put new ones
        in their place that share the memory given.

        Returns (missing_keys, unexpected_keys).   Raises RuntimeError, having changed nothing, if
        a shape differs or, under strict, a key is missing or unexpected; it names all of them.
        """
        return load(self, state_dict, strict, assign)

    def __getstate__(self):
        # A copy of the module must not share the record of who its members are.
        return {**self.__dict__, "_roles": dict(self._roles), "_hooks": self._hooks}

    def __setstate__(self, state):
        self._hooks = state.pop("_hooks", None)
        self.__dict__.update(state)

    def extra_repr(self):
        """What to print between the parentheses, such as the options; a subclass may define it."""
        return ""

    def _get_name(self):
        return type(self).__name__

    def __repr__(self):
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        lines += [f"({name}): {indented(child)}" for name, child in self._members(MODULE)]
        if len(lines) > 1 or (lines and not extra):
            return "\n  ".join([f"{self._get_name()}(", *lines]) + "\n)"
        return f"{self._get_name()}({extra})"


def indented(child):
    return repr(child).replace("\n", "\n  ")
