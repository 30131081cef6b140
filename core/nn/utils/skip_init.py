"""skip_init: a module whose parameters are about to be replaced."""

from plugrad.nn.module import Module
from plugrad.tensor.random import get_rng_state, set_rng_state


def skip_init(module_cls, *args, **kwargs):
    """module_cls(*args, **kwargs) with parameters of arbitrary content; no random number is used up

    Raises RuntimeError for what is no class of Modules.
    """
    if not (isinstance(module_cls, type) and issubclass(module_cls, Module)):
        raise RuntimeError(f"skip_init: expected a class of Modules, got {module_cls!r}")
    state = get_rng_state()
    module = module_cls(*args, **kwargs)
    set_rng_state(state)
    return module
