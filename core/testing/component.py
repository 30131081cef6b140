"""One call that tries everything a kind of component promises."""

import inspect

from plugrad.plugin import contracts, registry
from plugrad.plugin.kinds import KINDS
from plugrad.testing.data import check_callback, check_initializer, check_transform
from plugrad.testing.datasets import check_dataset
from plugrad.testing.errors import require
from plugrad.testing.modules import check_loss, check_model, check_module
from plugrad.testing.ops import callable_of, check_op
from plugrad.testing.optimization import check_optimizer, check_scheduler

CHECKS = {
    "layers": check_module, "activations": check_module, "normalizations": check_module,
    "losses": check_loss, "models": check_model, "optimizers": check_optimizer,
    "schedulers": check_scheduler, "initializers": check_initializer, "datasets": check_dataset,
    "transforms": check_transform, "callbacks": check_callback,
}


def check_component(kind_or_component, name_or_class=None, *, equals=None, **kwargs):
    """True if the component keeps what its kind promises; else ComponentError says what to do.

        check_component(Swish)                       check_component("activations", "Swish")
        check_component(MyLayer, width=3)            options go to its constructor

    A module is tried for its gradients (first and second order), float32 and float64, inputs that
    are not contiguous, empty or large, saving, copying, train() and eval(), docstring and repr.
    Where no example of arguments and inputs suggests itself, the component gives one: a static or
    class method example() -> (object, inputs), of an op the inputs alone.
    equals: of an op, a function of NumPy arrays that gives what the op is to give.
    """
    kind, component = resolved(kind_or_component, name_or_class)
    check_base(kind, component)
    if kind == "ops":
        check_options(kind, callable_of(component), kwargs)
        check_op(component, kwargs, equals)
        return True
    if equals is not None:
        raise TypeError(f"check_component: equals= is for ops, got one of the {kind}")
    check_options(kind, component, kwargs)
    CHECKS[kind](component, kwargs)
    return True


def resolved(first, second):
    """(kind, class or function) of what check_component was called with."""
    if not isinstance(first, str):
        if second is not None:
            raise TypeError("check_component: the kind comes first, then the component: "
                            f"check_component({second!r}, {contracts.label(first)})")
        return kind_of(first), first
    if first not in KINDS:
        raise ValueError(f"check_component: {first!r} is no kind; expected one of "
                         f"{', '.join(KINDS)}")
    component = registry.get(first, second) if isinstance(second, str) else second
    if not (callable(component) and hasattr(component, "__name__")):
        raise TypeError(f"check_component: expected the name of one of the {first}, a class or a "
                        f"function after {first!r}, got {second!r}")
    return first, component


def kind_of(component):
    """The kind that the component's base class or name implies."""
    if not (inspect.isclass(component) or inspect.isfunction(component)):
        raise TypeError(f"check_component: expected a class or a function, got {component!r}; "
                        "options for the constructor go after it")
    try:
        return contracts.kind_of(component)
    except TypeError:
        name = component.__name__
        raise TypeError(f"check_component: {name} does not say by its base class what kind it is; "
                        f'write check_component("transforms", {name}), or in the place of '
                        f"transforms another of {', '.join(KINDS)}") from None


def check_base(kind, component):
    """A class of that kind derives from the kind's contract."""
    base = contracts.contract_class(KINDS[kind])
    if inspect.isclass(component) and base is not None:
        name, bases = component.__name__, ", ".join(b.__name__ for b in component.__bases__)
        require(issubclass(component, base), f"{name}: expected one of the {kind} to derive from "
                f"{base.__name__}, got class {name}({bases}); write class {name}({base.__name__})")


def check_options(kind, component, given):
    """What is passed on are options of the component, by their right names."""
    parameters = inspect.signature(component).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for option in given:
        if option not in parameters:
            say = f'the kind comes first: check_component("{kind}", {component.__name__})'
            raise TypeError(f"check_component: {component.__name__} has no option {option!r}; "
                            + (say if option == "kind" else
                               f"expected one of {', '.join(parameters) or 'none at all'}"))
