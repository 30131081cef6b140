"""Checks of what a constructor is given, in words that name the option."""

import inspect
from numbers import Real
from operator import index

from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import received


def integer(value, what, least=None):
    """value as an int.   what: how an error calls it, such as "Linear: in_features".

    Raises TypeError for what is no int, ValueError below `least`.
    """
    try:
        n = index(value)
    except TypeError:
        raise unexpected(what, "an int", value) from None
    if least is not None and n < least:
        raise ValueError(f"{what}: expected at least {least}, got {value!r}")
    return n


def number(value, what, least=float("-inf"), most=float("inf")):
    """value, which must be a number from `least` to `most`.  Raises TypeError or ValueError."""
    if not isinstance(value, Real):
        raise unexpected(what, "a number", value)
    if not least <= value <= most:                                      # NaN is refused as well
        raise ValueError(f"{what}: expected a number between {least} and {most}, got {value!r}")
    return value


def instance(value, kind, what):
    """value, which must be an object of that class.  Raises TypeError."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise TypeError(f"{what}: expected {article} {kind.__name__}, got {received(value)}")
    return value


def flag(value, what):
    """value, which must be True or False.  Raises TypeError."""
    if not isinstance(value, (bool, int)):
        raise unexpected(what, "True or False", value)
    return value


def choice(value, what, choices):
    """value, which must be one of the words.  Raises ValueError, or TypeError for no word."""
    if not isinstance(value, str):
        raise unexpected(what, f"one of {', '.join(map(repr, choices))}", value)
    if value not in choices:
        raise ValueError(f"{what}: expected one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def unexpected(what, expected, value):
    """The TypeError for an option; for a tensor it says where tensors go."""
    got = tensor_for(what.partition(":")[0]) if isinstance(value, Tensor) else repr(value)
    return TypeError(f"{what}: expected {expected}, got {got}")


def tensor_for(name):
    """What is said of nn.Tanh(x): what the module is for was given to its class."""
    return f"a Tensor; make the module first and then call it: {name}(...)(x)"


def left_over(module, args, options):
    """The TypeError for arguments that no constructor of a module has taken."""
    name = type(module).__name__
    if any(isinstance(value, Tensor) for value in args):
        return TypeError(f"{name}: expected options only, got {tensor_for(name)}")
    given = ", ".join([*map(repr, args), *(f"{key}={value!r}" for key, value in options.items())])
    parameters = inspect.signature(type(module)).parameters.values()
    if all(p.kind is not p.VAR_POSITIONAL for p in parameters):
        return TypeError(f"{name}: super().__init__() takes no arguments, got {given}")
    known = [f"{p.name}=..." for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    remedy = f"give options by name: {', '.join(known)}" if known else "it has no options"
    return TypeError(f"{name}: unexpected argument {given}; {remedy}")
