"""Loops that find where the greatest or the least element is: the first one if there are several;
NaN is greater than the greatest and less than the least."""

from plugrad.kernels.reductions cimport ARGMAX
from plugrad.kernels.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, UINT8, int32_t, int64_t, is_nan, number, uint8_t,
)

cdef position_t greatest[6]
cdef position_t least[6]


cdef Py_ssize_t argmax(number* a, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, place = 0
    cdef number x, best = a[0]
    for i in range(n):
        x = (<number*> (<char*> a + i * stride))[0]
        if not x <= best:
            best = x
            place = i
        if is_nan(x):
            return i
    return place


cdef Py_ssize_t argmin(number* a, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, place = 0
    cdef number x, best = a[0]
    for i in range(n):
        x = (<number*> (<char*> a + i * stride))[0]
        if not x >= best:
            best = x
            place = i
        if is_nan(x):
            return i
    return place


cdef void fill(int slot, number* kind) noexcept:
    """The places of the tables for one dtype; kind only names it."""
    greatest[slot] = <position_t> argmax[number]
    least[slot] = <position_t> argmin[number]


fill(BOOL, <uint8_t*> NULL)
fill(UINT8, <uint8_t*> NULL)
fill(INT32, <int32_t*> NULL)
fill(INT64, <int64_t*> NULL)
fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)


cdef position_t position_loop(int op, int slot) noexcept nogil:
    return greatest[slot] if op == ARGMAX else least[slot]
