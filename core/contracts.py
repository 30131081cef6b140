"""What is checked when a component is registered, so that nothing is wrong at first use."""

import importlib
import inspect
import keyword

from plugrad.kinds import KINDS
from plugrad.words import did_you_mean


def kind_named(name):
    """The row of that kind; ValueError suggests the nearest one."""
    if name not in KINDS:
        raise ValueError(f"unknown kind {name!r}{did_you_mean(name, KINDS)} "
                         f"Expected one of {', '.join(KINDS)}.")
    return KINDS[name]


def kind_of(component):
    """The kind that a component's base class implies; an nn.Module counts as a layer."""
    if inspect.isclass(component):
        for kind in KINDS.values():
            base = contract_class(kind)
            if base is not None and issubclass(component, base):
                return kind.name
    raise TypeError(f"{component!r} does not say by its base class what kind it is: "
                    f"give kind=, one of {', '.join(KINDS)}")


def label(component):
    """The name under which a component is registered if it is given none."""
    return getattr(component, "__name__", type(component).__name__)


def contract_class(kind):
    """The base class of a kind, None where it has none; imported when first needed."""
    module, _, name = kind.contract.partition(":")
    return getattr(importlib.import_module(module), name) if module else None


def problems(kind, component, name):
    """Each reason why component cannot serve as this kind: expected, received, remedy."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        yield f"expected a public Python name, received {name!r}; give one with name="
    if inspect.isclass(component):
        yield from _class_problems(kind, component)
    elif callable(component) and hasattr(component, "__name__"):
        if not kind.functions:
            yield f"expected a class, received the function {component.__name__}"
    else:
        what = type(component).__name__
        yield (f"expected a class or function, received an object of {what}; "
               f"register the class itself, without calling it: register({what})")
        return
    if not (component.__doc__ or "").strip():
        yield "expected a docstring, received none; one sentence or the formula, and its source"
    if kind.first:
        yield from _signature_problems(kind, component)


def _class_problems(kind, component):
    base = contract_class(kind)
    if not kind.classes:
        yield f"expected a function, received the class {component.__name__}"
    elif base is not None and (component is base or not issubclass(component, base)):
        bases = ", ".join(parent.__name__ for parent in component.__bases__)
        yield (f"expected a subclass of {base.__name__}, received class "
               f"{component.__name__}({bases}); write class {component.__name__}({base.__name__})")
    elif kind.one_of and not any(_defines(component, method, base) for method in kind.one_of):
        yield f"expected a method {' or '.join(kind.one_of)}, received none; define it"


def _defines(component, method, base):
    """Does the class have that method from anywhere below its contract class?"""
    return any(method in vars(parent) for parent in component.__mro__
               if parent not in (base or object).__mro__)


def _signature_problems(kind, component):
    try:
        parameters = list(inspect.signature(component).parameters.values())
    except ValueError:     # compiled without a signature: nothing to hold against it
        return
    first = parameters[0] if parameters else None
    if first is None or first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        received = f"({', '.join(map(str, parameters))})"
        yield (f"expected {kind.first!r} as the first argument, received {received}; "
               f"write {component.__name__}({kind.first}, ...)")
