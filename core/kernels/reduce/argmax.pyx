"""Loops that find where the greatest or the least element is, once it is known which.

Finding the value is a vectorized fold and looking for it ends at the first one: faster than
carrying the place along with the value."""

cimport numpy as cnp

from plugrad.kernels.reduce.cascade cimport reduced
from plugrad.kernels.strides.strides cimport MAX_NDIM, RELEASE, Walk, advance, point, simplify
from plugrad.kernels.base.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, SLOTS, UINT8, int32_t, int64_t, is_nan, number, uint8_t,
)

cnp.import_array()

# the place of the first one like value[0] among n elements that lie `stride` bytes apart
ctypedef Py_ssize_t (*place_t)(
    void* a, Py_ssize_t stride, Py_ssize_t n, void* value) noexcept nogil

cdef place_t table[SLOTS]


cdef Py_ssize_t place(
        number* a, Py_ssize_t stride, Py_ssize_t n, number* value) noexcept nogil:
    cdef Py_ssize_t i
    cdef number x, v = value[0]
    for i in range(n):
        x = (<number*> (<char*> a + i * stride))[0]
        if x == v or is_nan(x):         # NaN is the extreme if it occurs
            return i
    return 0            # not found: another thread changed the array meanwhile


cdef Py_ssize_t place_bool(
        uint8_t* a, Py_ssize_t stride, Py_ssize_t n, uint8_t* value) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if (a[i * stride] != 0) == (value[0] != 0):
            return i
    return 0


table[<int> BOOL] = <place_t> place_bool
table[<int> UINT8] = <place_t> place[uint8_t]
table[<int> INT32] = <place_t> place[int32_t]
table[<int> INT64] = <place_t> place[int64_t]
table[<int> FLOAT32] = <place_t> place[float]
table[<int> FLOAT64] = <place_t> place[double]


cdef void search(
        place_t loop, Walk* w, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t index[MAX_NDIM]
    cdef char* row[4]                   # the first element, the value and the place
    cdef int i
    for i in range(3):
        row[i] = w.data[i]
    for i in range(w.ndim):
        index[i] = 0
    while True:
        (<int64_t*> row[2])[0] = loop(row[0], stride, n, row[1])
        if not advance(w, index, row, 0):
            return


cdef void find_places(
        cnp.ndarray a, int slot, unsigned long long axes, cnp.ndarray value, cnp.ndarray out,
        ) noexcept:
    """out = where along the axes the first element like value is.  One axis goes, or all of a
    C-contiguous array; value and out are C-contiguous, of the shape that stays."""
    cdef Walk w
    cdef int i, k
    cdef Py_ssize_t n = 1, stride = 0, neighbor = 1
    w.ndim = 0
    w.operands = 3
    point(&w, 0, a)
    point(&w, 1, value)
    point(&w, 2, out)
    for i in range(cnp.PyArray_NDIM(a) - 1, -1, -1):
        if reduced(axes, i):
            if n == 1:
                stride = cnp.PyArray_STRIDE(a, i)
            n *= cnp.PyArray_DIM(a, i)
        else:
            w.shape[w.ndim] = cnp.PyArray_DIM(a, i)
            w.strides[0][w.ndim] = cnp.PyArray_STRIDE(a, i)
            for k in range(1, 3):
                w.strides[k][w.ndim] = neighbor * w.itemsize[k]
            neighbor *= w.shape[w.ndim]
            w.ndim += 1
    if neighbor == 0:
        return
    simplify(&w, 0)
    if n * neighbor > RELEASE:
        with nogil:
            search(table[slot], &w, stride, n)
    else:
        search(table[slot], &w, stride, n)
