"""The six element types, and PyTorch's rules for which one a mixed operation gives."""

import numpy as np


class dtype:
    """An element type: `name`, `numpy` (the np.dtype), `is_floating_point`, `itemsize` (bytes).

    There is one object per type (`plugrad.float32`, ...), so `is` and `==` agree.
    """

    __slots__ = ("category", "dtype", "is_floating_point", "itemsize", "name", "numpy")

    def __init__(self, name, category):
        self.name = name
        self.numpy = self.dtype = np.dtype(name)   # .dtype: np.zeros(3, dtype=pg.float32) works
        self.category = category                     # 0 bool, 1 integer, 2 floating point
        self.is_floating_point = category == 2
        self.itemsize = self.numpy.itemsize

    def __repr__(self):
        return f"plugrad.{self.name}"

    def __reduce__(self):
        return as_dtype, (self.name,)


bool_ = dtype("bool", 0)
uint8 = dtype("uint8", 1)
int32 = dtype("int32", 1)
int64 = dtype("int64", 1)
float32 = dtype("float32", 2)
float64 = dtype("float64", 2)

ALL = (bool_, uint8, int32, int64, float32, float64)
_BY_NAME = {d.name: d for d in ALL} | {"float": float32, "double": float64, "int": int32,
                                       "long": int64}
_BY_PYTHON = {bool: bool_, int: int64, float: float64}
_default = float32


def as_dtype(d):
    """The dtype that d stands for: a dtype, a NumPy or Python type, or a name.

    Raises TypeError for a type that plugrad does not have.
    """
    if type(d) is dtype:
        return d
    if isinstance(d, type) and d in _BY_PYTHON:
        return _default if d is float else _BY_PYTHON[d]
    try:
        name = d.rpartition(".")[2] if isinstance(d, str) else np.dtype(d).name
        return _BY_NAME[name]
    except (TypeError, ValueError, KeyError):
        names = ", ".join(t.name for t in ALL)
        raise TypeError(f"dtype: expected one of {names}, got {d!r}; "
                        "convert the data to one of these first") from None


def get_default_dtype():
    """The dtype of a tensor made from Python floats."""
    return _default


def set_default_dtype(d):
    """Make d the dtype of tensors made from Python floats.  Raises TypeError unless it is one of
    float32 and float64."""
    global _default
    d = as_dtype(d)
    if not d.is_floating_point:
        raise TypeError(f"set_default_dtype: expected float32 or float64, got {d}")
    _default = d


def promote_types(a, b):
    """The smallest dtype that both can be turned into; integers never widen a float."""
    a, b = as_dtype(a), as_dtype(b)
    if a.category != b.category:
        return a if a.category > b.category else b
    return a if a.itemsize >= b.itemsize else b


def combine(dims, zeros, scalars):
    """The result dtype of an operation (PyTorch's rule): tensors with dimensions decide; a 0-d
    tensor, and after it a Python number, counts only if its category is higher.

    Each argument is the promoted dtype of that group of operands, or None for an empty group.
    """
    return _outrank(dims, _outrank(zeros, scalars))


def _outrank(higher, lower):
    if higher is None or lower is None:
        return higher or lower
    return lower if lower.category > higher.category else higher
