"""The door of the reductions: check, allocate, fold or find."""

cimport numpy as cnp

from plugrad.kernels.base cimport buffers
from plugrad.kernels.reduce.argmax cimport find_places
from plugrad.kernels.reduce.cascade cimport fold_axes, reduced
from plugrad.kernels.base.doors cimport native
from plugrad.kernels.reduce.folds cimport total_slot
from plugrad.kernels.strides.strides cimport MAX_NDIM
from plugrad.kernels.base.typenums cimport INT64, plain, slot, typenum

cnp.import_array()


cdef cnp.ndarray new_result(cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef cnp.npy_intp shape[MAX_NDIM]
    cdef int i, ndim = 0
    for i in range(cnp.PyArray_NDIM(a)):
        if not reduced(axes, i):
            shape[ndim] = cnp.PyArray_DIM(a, i)
            ndim += 1
        elif keepdim:
            shape[ndim] = 1
            ndim += 1
    return buffers.empty(ndim, shape, typenum(s))


cdef cnp.ndarray fold(int op, cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef cnp.ndarray out = new_result(a, axes, keepdim, total_slot(op, s))
    fold_axes(op, s, a, axes, out)
    return out


cdef cnp.ndarray position(int op, cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef int i, gone = 0, ndim = cnp.PyArray_NDIM(a)
    cdef cnp.ndarray best, out
    for i in range(ndim):
        gone += reduced(axes, i)
    if 1 < gone < ndim:
        raise ValueError(f"{name(op)}: expected one axis or all of {ndim}, got {gone}")
    if gone > 1 and not plain(a):           # the place is counted in C order
        a = cnp.PyArray_NewCopy(a, cnp.NPY_CORDER)
    best = fold(MAX if op == ARGMAX else MIN, a, axes, keepdim, s)
    out = new_result(a, axes, keepdim, INT64)
    find_places(a, s, axes, best, out)
    return out


cdef str name(int op):
    return Reduction(op).name.lower()


cpdef cnp.ndarray reduce(Reduction op, cnp.ndarray a, unsigned long long axes, bint keepdim):
    """op over the axes of a whose bit is set in axes; they stay as size 1 if keepdim.  Bits past
    the last axis mean nothing: all bits are all axes."""
    cdef int i, s = slot(a)
    if not 0 <= <int> op <= ARGMIN:
        raise ValueError(f"reduce: expected an operation of the enum Reduction, got {<int> op}")
    if s < 0:
        raise RuntimeError(f"{name(op)}: not defined for dtype {a.dtype}; convert it first")
    if op != SUM and op != PROD and op != ANY and op != ALL:
        for i in range(cnp.PyArray_NDIM(a)):
            if reduced(axes, i) and cnp.PyArray_DIM(a, i) == 0:
                raise RuntimeError(
                    f"{name(op)}: axis {i} of an array of shape {(<object> a).shape} is empty: "
                    "there is no element to choose; reduce an axis of size 1 or more")
    a = native(a)
    if op == ARGMAX or op == ARGMIN:
        return position(op, a, axes, keepdim, s)
    return fold(op, a, axes, keepdim, s)
