"""What messages share: the nearest name, where a warning points, how an object is described."""

import difflib
import inspect
import reprlib
import sys
import warnings


def did_you_mean(name, known):
    """"; did you mean 'ReLU'?" where a known name is near, "" where none is."""
    folded = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


def warn(text, category=UserWarning):
    """Warn of the line outside of plugrad that led here, however deep inside we are."""
    frame = sys._getframe(1)
    while frame.f_back is not None and is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    place = frame.f_globals
    warnings.warn_explicit(text, category, frame.f_code.co_filename, frame.f_lineno,
                           place.get("__name__", "<unknown>"),
                           place.setdefault("__warningregistry__", {}))


def is_ours(module_name):
    return module_name.partition(".")[0] == "plugrad"


def received(value):
    """What came instead of an object: its type, or for a class how an object is made of it."""
    if isinstance(value, type):
        return f"the class {value.__name__}; make an object of it: {value.__name__}(...)"
    return type(value).__name__


def needs_object(value):
    """Whether it is a class whose objects are meant to be called: ToTensor is, float is not."""
    return isinstance(value, type) and any("__call__" in vars(base) for base in value.__mro__)


def described(obj, skip=()):
    """StepLR(step_size=3, gamma=0.1): the constructor's options that are kept as attributes."""
    names = [name for name in inspect.signature(type(obj)).parameters if name not in skip]
    kept = [f"{name}={reprlib.repr(vars(obj)[name])}" for name in names if name in vars(obj)]
    return f"{type(obj).__name__}({', '.join(kept)})"


class SetByInit:
    """An attribute that a contract's __init__ sets; a subclass that forgot to call it is told."""

    def __init__(self, call):
        self.call = call                    # such as super().__init__(params, defaults)

    def __set_name__(self, owner, name):
        self.owner, self.name = owner.__name__, name

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        mine = type(obj).__name__
        raise AttributeError(f"{mine} has no {self.name!r} before {self.owner}.__init__() call; "
                             f"begin {mine}.__init__ with {self.call}")
