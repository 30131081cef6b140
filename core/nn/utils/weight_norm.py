"""Weight normalization: length and direction of a weight learn apart; PyTorch's older form."""

from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.tensor.arguments import instance
from plugrad.tensor.words import warn


def norm_except(v, dim):
    """The norms of the slices along dim, of v's shape with 1 in all other dimensions; for dim=-1
    the norm of all."""
    if dim == -1:
        return v.norm()
    dims = [d for d in range(v.ndim) if d != dim % v.ndim]
    return v.norm(2, dims, True) if dims else v.abs()


def normalized(g, v, dim):
    """w = g v / ‖v‖"""
    return v * (g / norm_except(v, dim))


class WeightNorm:
    """Called before a module's forward: computes the weight anew."""

    def __init__(self, name, dim):
        self.name, self.dim = name, dim

    def compute_weight(self, module):
        """w = g v / ‖v‖"""
        g, v = (getattr(module, f"{self.name}_{part}") for part in "gv")
        return normalized(g, v, self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module, name="weight", dim=0):
    """w = g v / ‖v‖, the norm over all dimensions but dim (None: over all)

    g and v, parameters <name>_g and <name>_v, take the place of the parameter <name>, which is
    computed before each forward.   Returns the module.   (Salimans & Kingma, 2016)
    """
    warn("weight_norm: deprecated in favor of nn.utils.parametrizations.weight_norm", FutureWarning)
    check_free(module, WeightNorm, "weight_norm", name)
    hook = WeightNorm(name, -1 if dim is None else dim)
    weight = take_parameter(module, name, "weight_norm")
    module.register_parameter(f"{name}_g", Parameter(norm_except(weight, hook.dim).data))
    module.register_parameter(f"{name}_v", Parameter(weight.data))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name="weight"):
    """Make the weight a parameter again.   Returns the module.   Raises ValueError if it is one."""
    hook = take_hook(module, WeightNorm, "weight_norm", name)
    weight = hook.compute_weight(module)
    delattr(module, name)
    for part in "gv":
        delattr(module, f"{name}_{part}")
    module.register_parameter(name, Parameter(weight.data))
    return module


def hooks_of(module, kind, what, name):
    """{number: hook} of the pre-hooks of this class that make the parameter `name`."""
    instance(module, Module, what)
    before = {} if module._hooks is None else module._hooks.before
    return {number: hook for number, (hook, _) in before.items()
            if isinstance(hook, kind) and hook.name == name}


def check_free(module, kind, what, name):
    if hooks_of(module, kind, what, name):
        raise RuntimeError(f"{what}: cannot register two {what} hooks on the same parameter {name}")


def take_hook(module, kind, what, name):
    """Take the pre-hook away and return it."""
    for number, hook in hooks_of(module, kind, what, name).items():
        del module._hooks.before[number]
        return hook
    raise ValueError(f"{what} of {name!r} not found in {type(module).__name__}")


def take_parameter(module, name, what):
    """Take the parameter away and return it."""
    if name not in module._parameters:
        raise ValueError(f"{what}: {type(module).__name__} has no parameter {name!r}")
    weight = getattr(module, name)
    delattr(module, name)
    return weight
