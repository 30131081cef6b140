"""One call that tries everything a kind of component promises."""

import inspect

from plugrad import contracts, registry
from plugrad.kinds import KINDS
from plugrad.testing.data import (
    check_callback,
    check_dataset,
    check_initializer,
    check_transform,
)
from plugrad.testing.modules import check_module
from plugrad.testing.optimization import check_optimizer, check_scheduler

CHECKS = {
    "layers": check_module, "activations": check_module, "normalizations": check_module,
    "losses": check_module, "optimizers": check_optimizer, "schedulers": check_scheduler,
    "initializers": check_initializer, "datasets": check_dataset,
    "transforms": check_transform, "callbacks": check_callback,
}


def check_component(kind_or_component, name_or_class=None, **kwargs):
    """True if the component keeps what its kind promises; else ComponentError says what to do.

        check_component(Swish)                       check_component("activations", "Swish")
        check_component(MyLayer, width=3)            options go to its constructor

    A module is tried for its gradients (first and second order), float32 and float64, inputs that
    are not contiguous or empty, saving, copying, train() and eval(), docstring and repr.
    Where no example of arguments and inputs suggests itself, the component gives one: a static or
    class method example() -> (object, inputs).
    """
    kind, component = kind_or_component, name_or_class
    if not isinstance(kind, str):
        kind, component = kind_of(kind_or_component), kind_or_component
    elif kind not in KINDS:
        raise ValueError(f"check_component: {kind!r} is no kind; expected one of "
                         f"{', '.join(KINDS)}")
    elif isinstance(component, str):
        component = registry.get(kind, component)
    CHECKS[kind](component, kwargs)
    return True


def kind_of(component):
    """The kind of a component: a function whose name ends in _ initializes, another activates."""
    if inspect.isfunction(component):
        return "initializers" if component.__name__.endswith("_") else "activations"
    if inspect.isclass(component):
        return contracts.kind_of(component)
    raise TypeError(f"check_component: expected a class or a function, got {component!r}; "
                    "options for the constructor go after it")
