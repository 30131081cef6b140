"""What is checked when a component is registered, so that nothing is wrong at first use."""

import importlib
import inspect
import keyword

from plugrad.plugin.kinds import FUNCTIONAL, KINDS, Kind
from plugrad.tensor.words import did_you_mean

ANY = Kind("", "", "", functions=True)     # before it is known which kind is meant


def kind_named(name):
    """The row of that kind; ValueError suggests the nearest one."""
    if name not in KINDS:
        raise ValueError(f"unknown kind {name!r}{did_you_mean(name, KINDS) or '.'} "
                         f"Expected one of {', '.join(KINDS)}.")
    return KINDS[name]


def kind_of(component):
    """The kind of a component that nobody names: its base class or its name implies it.

    An nn.Loss is a loss, any other nn.Module a layer; a function whose name ends in _ is an
    initializer, any other an activation."""
    if _is_function(component):
        return "initializers" if component.__name__.endswith("_") else "activations"
    if not inspect.isclass(component):
        raise TypeError(f"no component: {_not_a_component(ANY, component)}")
    # The first kind of a base class counts: activations are modules as well, but so are layers.
    implied = {_class(kind.implied_by) or contract_class(kind): kind.name
               for kind in reversed(KINDS.values())}
    for parent in component.__mro__:
        if parent in implied:
            return implied[parent]
    raise TypeError(f"class {component.__name__} does not say by its base class what kind it is: "
                    f"give kind=, one of {', '.join(KINDS)}")


def label(component):
    """The name under which a component is registered if it is given none."""
    if isinstance(component, str):     # quotes too many: the message should name what was meant
        return component
    return getattr(component, "__name__", type(component).__name__)


def contract_class(kind):
    """The base class of a kind, None where it has none."""
    return _class(kind.contract)


def _class(path):
    """The class of "module:Class", imported when first needed; None of ""."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name) if module else None


def _is_function(component):
    return (callable(component) and hasattr(component, "__name__")
            and not inspect.isclass(component))


def problems(kind, component, name):
    """Each reason why component cannot serve as this kind: expected, received, remedy."""
    if not inspect.isclass(component) and not _is_function(component):
        yield _not_a_component(kind, component)
        return
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        yield f"expected a public Python name, received {name!r}; give one with name="
    if inspect.isclass(component):
        yield from _class_problems(kind, component)
    elif not kind.functions:
        yield f"expected a class, received the function {component.__name__}"
    if kind.first:
        yield from _signature_problems(kind, component)


def has_docstring(component):
    """Whether a component says what it is; the check asks for it, registration warns."""
    return bool((component.__doc__ or "").strip())


def _not_a_component(kind, value):
    """Why an object cannot be registered as this kind, and what was most likely meant."""
    noun = "class" if kind.classes else "function"
    expected = "a class or a function" if kind.classes and kind.functions else f"a {noun}"
    received, what, mistake = f"{value!r:.60}", f"your_{noun}", ""
    if isinstance(value, str):
        received, what, mistake = f"the text {value!r}", value, ", without quotes"
    elif kind.classes:
        what = "YourClass"
        if type(value).__module__ != "builtins":     # an object of a class of the user's
            what, mistake = type(value).__name__, ", without calling it"
            received = f"an object of {what}"
    call = f"functional={what}" if kind is FUNCTIONAL else f"register({what})"
    return f"expected {expected}, received {received}; register the {noun} itself{mistake}: {call}"


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
