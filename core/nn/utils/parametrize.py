"""Parametrizations: an attribute of a module that is computed of other tensors at each use."""

from plugrad.autograd import no_grad
from plugrad.nn.containers import ModuleDict, ModuleList
from plugrad.nn.members import BUFFER, PARAMETER, TRANSIENT
from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.tensor.arguments import instance


class ParametrizationList(ModuleList):
    """What one attribute is computed by, f and then g and so on, and of what: `original`, or
    `original0`, `original1`, ... if the right inverse of f gives several tensors."""

    def __init__(self, modules, original, unsafe=False):
        super().__init__(modules)
        found = self.inverse(original)
        self.single = not isinstance(found, (tuple, list))
        for i, tensor in enumerate([found] if self.single else found):
            name = "original" if self.single else f"original{i}"
            if not isinstance(original, Parameter):
                self.register_buffer(name, tensor)
            elif self.single:                         # the same object, which optimizers may know
                original.data = tensor.data
                self.register_parameter(name, original)
            else:
                self.register_parameter(name, Parameter(tensor.data, original.requires_grad))
        self.check(original, unsafe)

    def originals(self):
        """The tensors of which the attribute is computed."""
        return [tensor for _, tensor in self._members(PARAMETER, BUFFER)]

    def inverse(self, value, missing_ok=True):
        """The originals that give this value."""
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    value = module.right_inverse(value)
                elif not missing_ok:
                    raise RuntimeError(f"parametrize: {type(module).__name__} has no method "
                                       "right_inverse, so its attribute can't be assigned to")
        return value

    def assign(self, value):
        """Make the originals such that this value comes out."""
        found = self.inverse(value, missing_ok=False)
        with no_grad():
            for tensor, new in zip(self.originals(), [found] if self.single else found,
                                   strict=True):
                tensor.data = new.data

    def add(self, module, unsafe=False):
        """One more, computed of what the others give."""
        before = self().detach()
        self.append(module)
        try:
            self.check(before, unsafe)
        except Exception:
            self.pop()
            raise

    def check(self, before, unsafe):
        """Shape and dtype stay, unless the user has said that they may change."""
        if unsafe:
            return
        with no_grad():
            after = self()
        if after.shape != before.shape or after.dtype is not before.dtype:
            raise ValueError(f"parametrize: expected a result of shape {tuple(before.shape)} and "
                             f"{before.dtype}, as the tensor before, got {tuple(after.shape)} and "
                             f"{after.dtype}; unsafe=True allows it")

    def forward(self):
        first, *others = self
        value = first(*self.originals())
        for module in others:
            value = module(value)
        return value


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Let module.<tensor_name> be parametrization(what it was) from now on, at each use.

    What it was moves to module.parametrizations.<tensor_name>.original; with a method right_inverse
    the parametrization says what to keep there.   unsafe: shape and dtype may change.
    Returns the module.   Raises ValueError if it has no such parameter or buffer.
    """
    instance(module, Module, "register_parametrization")
    if not isinstance(parametrization, Module):
        raise TypeError("register_parametrization: expected a Module as parametrization, got "
                        f"{type(parametrization).__name__}")
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].add(parametrization, unsafe)
        return module
    if module._roles.get(tensor_name) not in (PARAMETER, BUFFER, TRANSIENT):
        raise ValueError(f"parametrize: {type(module).__name__} has no parameter or buffer "
                         f"{tensor_name!r}")
    listed = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.parametrizations = ModuleDict()
        module.__class__ = dressed(type(module), [tensor_name])
    else:
        names = [*module.parametrizations, tensor_name]
        module.__class__ = dressed(type(module).__base__, names)
    module.parametrizations[tensor_name] = listed
    return module


def dressed(cls, names):
    """A subclass of cls, for one object, where the attributes of these names are computed."""
    def reduced(self, protocol):
        return rebuilt, (cls, names), self.__getstate__()

    return type(f"Parametrized{cls.__name__}", (cls,), {
        "__doc__": cls.__doc__, "__module__": cls.__module__, "__reduce_ex__": reduced,
        **{name: computed(name) for name in names}})


def computed(name):
    return property(lambda self: self.parametrizations[name](),
                    lambda self, value: self.parametrizations[name].assign(value))


def rebuilt(cls, names):
    """An object to copy or load a parametrized one into."""
    cls = dressed(cls, names)
    return cls.__new__(cls)


def is_parametrized(module, tensor_name=None):
    """Whether this attribute (or any) is computed by a parametrization."""
    listed = getattr(module, "parametrizations", None)
    if not isinstance(listed, ModuleDict):
        return False
    return len(listed) > 0 if tensor_name is None else tensor_name in listed


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Make module.<tensor_name> a plain parameter or buffer again, of the value that it has now, or
    with leave_parametrized=False of the original one.   Returns the module."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"parametrize: {type(module).__name__} has no parametrization of "
                         f"{tensor_name!r}")
    listed = module.parametrizations[tensor_name]
    if not leave_parametrized and not listed.single:
        raise ValueError(f"parametrize: {tensor_name!r} is computed of several tensors, so there "
                         "is no original to return to; use leave_parametrized=True")
    with no_grad():
        value = getattr(module, tensor_name)
    original = listed.originals()[0]
    is_parameter = isinstance(original, Parameter)
    if not listed.single:
        original = Parameter(value, original.requires_grad) if is_parameter else value
    elif leave_parametrized:
        original.data = value.data
    del module.parametrizations[tensor_name]
    module.__class__ = type(module).__base__
    if len(module.parametrizations):
        module.__class__ = dressed(type(module), list(module.parametrizations))
    else:
        del module.parametrizations
    (module.register_parameter if is_parameter else module.register_buffer)(tensor_name, original)
    return module
