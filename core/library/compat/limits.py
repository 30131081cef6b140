"""What the numbers of a dtype can be: finfo and iinfo."""

import numpy as np
from plugrad.tensor import dtypes


class finfo:
    """min, max, eps (1 + eps is the next after 1), tiny (= smallest_normal), resolution and bits
    of a floating point dtype, the default one if none is given.  TypeError for another."""

    def __init__(self, type=None):
        dtype = dtypes.get_default_dtype() if type is None else checked("finfo", type)
        if not dtype.is_floating_point:
            raise TypeError(f"finfo: expected a floating point dtype, got {dtype}; use iinfo")
        of = np.finfo(dtype.numpy)
        self.dtype, self.bits = dtype.name, of.bits
        self.min, self.max, self.eps = float(of.min), float(of.max), float(of.eps)
        self.tiny = self.smallest_normal = float(of.smallest_normal)
        self.resolution = 10.0 ** -of.precision

    def __repr__(self):
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        numbers = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({numbers}, dtype={self.dtype})"


class iinfo:
    """min, max and bits of an integer dtype.  TypeError for another."""

    def __init__(self, type):
        dtype = checked("iinfo", type)
        if dtype.category != 1:
            remedy = "; use finfo" if dtype.is_floating_point else ""
            raise TypeError(f"iinfo: expected an integer dtype, got {dtype}{remedy}")
        of = np.iinfo(dtype.numpy)
        self.dtype, self.bits, self.min, self.max = dtype.name, of.bits, of.min, of.max

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def checked(what, dtype):
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"{what}: expected a dtype such as plugrad.float32, got {dtype!r}")
    return dtype
