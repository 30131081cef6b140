"""Reductions over any set of axes.  For now in NumPy's words; the doors are final."""

import numpy as np

cimport numpy as cnp

from plugrad.kernels.typenums cimport slot

cnp.import_array()

_functions = {
    SUM: np.sum, PROD: np.prod, MAX: np.max, MIN: np.min, ANY: np.any, ALL: np.all,
    ARGMAX: np.argmax, ARGMIN: np.argmin,
}


cpdef cnp.ndarray reduce(Reduction op, cnp.ndarray a, unsigned long long axes, bint keepdim):
    """op over the axes of a whose bit is set in axes; they stay as size 1 if keepdim."""
    if not 0 <= <int> op <= ARGMIN:
        raise ValueError(f"reduce: expected an operation of the enum Reduction, got {op}")
    if slot(a) < 0:
        raise RuntimeError(f"reduce: not defined for dtype {a.dtype}")
    cdef object array = a
    axis = tuple([i for i in range(array.ndim) if axes >> i & 1])
    name = Reduction(op).name.lower()
    if op in (MAX, MIN, ARGMAX, ARGMIN) and any([array.shape[i] == 0 for i in axis]):
        raise RuntimeError(f"{name}: no elements to choose from in shape {array.shape}")
    if op in (ARGMAX, ARGMIN):
        if len(axis) == array.ndim:
            result = np.asarray(_functions[op](array), np.int64)
            return result.reshape((1,) * array.ndim) if keepdim else result
        return np.asarray(_functions[op](array, axis=axis[0], keepdims=keepdim), np.int64)
    more = {}
    if op in (SUM, PROD) and array.dtype.kind != "f":
        more["dtype"] = np.int64
    return np.asarray(_functions[op](array, axis=axis, keepdims=keepdim, **more))
