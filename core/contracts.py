"""What is checked when a component is registered, so that nothing is wrong at first use."""

import importlib
import inspect
import keyword

from plugrad.kinds import KINDS


def contract_class(kind):
    """The base class of a kind, or None where there is none."""
    module, _, name = kind.contract.partition(":")
    return getattr(importlib.import_module(module), name, None) if module else None


def kind_of(component):
    """The kind that a component's base class implies; an nn.Module counts as a layer."""
    if inspect.isclass(component):
        for kind in KINDS.values():
            base = contract_class(kind)
            if base is not None and issubclass(component, base):
                return kind.name
    raise TypeError(
        f"the kind of {component!r} does not follow from a base class; "
        f"expected kind= one of {', '.join(KINDS)}")


def check(kind, component, name):
    """Raise TypeError or ValueError, with the remedy, if component cannot serve as this kind."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise ValueError(f"expected a public Python name, received {name!r}; give name=")
    base = contract_class(kind)
    if inspect.isclass(component) and base is not None and not issubclass(component, base):
        raise TypeError(f"expected a subclass of {kind.contract}, received {component!r}")
