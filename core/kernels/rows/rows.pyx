"""Rows of a table by their numbers, as an embedding reads them, and the sums that its gradient is.

Both doors leave what they do not know (other dtypes, rows that do not exist) to NumPy, which says
what is wrong."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from plugrad.kernels.base cimport buffers
from plugrad.kernels.base.doors cimport in_order
from plugrad.kernels.strides.strides cimport MAX_NDIM, RELEASE, overlap
from plugrad.kernels.base.threads cimport LIGHT, share, threads_for
from plugrad.kernels.base.typenums cimport plain, real

cnp.import_array()

cdef enum:
    BYTES = 1 << 15         # that are worth a piece for a thread
    COLUMNS = 64            # of a piece of sums: whole vectors and cache lines

cdef struct Rows:
    char* table
    char* rows              # one per index: where they go, or what is added
    int64_t* index
    Py_ssize_t count        # of indices
    Py_ssize_t limit        # of rows in the table
    Py_ssize_t width        # bytes of a row, or elements
    Py_ssize_t step         # of a piece
    bint outside            # whether an index was


cdef inline Py_ssize_t wrapped(Rows* r, Py_ssize_t i) noexcept nogil:
    """The i-th index, counted from the front; -1 if there is no such row."""
    cdef int64_t at = r.index[i]
    if at < 0:
        at += r.limit
    if at < 0 or at >= r.limit:
        r.outside = True
        return -1
    return at


cdef void take_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Rows* r = <Rows*> context
    cdef Py_ssize_t i, at
    for i in range(piece * r.step, min(piece * r.step + r.step, r.count)):
        at = wrapped(r, i)
        if at >= 0:
            memcpy(r.rows + i * r.width, r.table + at * r.width, r.width)


cdef void add_columns(Rows* r, Py_ssize_t first, real* table) noexcept nogil:
    """Add `step` columns of all rows, in the order of the indices."""
    cdef Py_ssize_t i, j, at, width = min(r.step, r.width - first)
    cdef real* row
    cdef real* out
    for i in range(r.count):
        at = wrapped(r, i)
        if at >= 0:
            row = <real*> r.rows + i * r.width + first
            out = table + at * r.width + first
            for j in range(width):
                out[j] += row[j]


cdef void add_piece32(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Rows* r = <Rows*> context
    add_columns(r, piece * r.step, <float*> r.table)


cdef void add_piece64(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Rows* r = <Rows*> context
    add_columns(r, piece * r.step, <double*> r.table)


cdef bint prepare(Rows* r, cnp.ndarray table, cnp.ndarray index) noexcept:
    """Whether table and index are of a kind that the loops know."""
    cdef int kind = cnp.PyArray_TYPE(index)
    if (cnp.PyArray_NDIM(table) == 0 or not plain(table) or not plain(index)
            or cnp.PyArray_DIM(table, 0) == 0
            or not (kind == cnp.NPY_INT64 or kind == cnp.NPY_LONGLONG)
            or cnp.PyArray_NDIM(table) + cnp.PyArray_NDIM(index) > MAX_NDIM / 2):
        return False
    r.table = <char*> cnp.PyArray_DATA(table)
    r.index = <int64_t*> cnp.PyArray_DATA(index)
    r.count = cnp.PyArray_SIZE(index)
    r.limit = cnp.PyArray_DIM(table, 0)
    r.width = cnp.PyArray_SIZE(table) / r.limit
    r.outside = False
    return True


cdef cnp.ndarray take_rows(cnp.ndarray a, cnp.ndarray index):
    """a[index], or None if NumPy has to see to it."""
    cdef Rows r
    cdef cnp.npy_intp shape[MAX_NDIM]
    cdef cnp.ndarray out
    cdef Py_ssize_t pieces, n
    cdef int i, ndim = cnp.PyArray_NDIM(index)
    if not prepare(&r, a, index):
        return None
    for i in range(ndim):
        shape[i] = cnp.PyArray_DIM(index, i)
    for i in range(1, cnp.PyArray_NDIM(a)):
        shape[ndim] = cnp.PyArray_DIM(a, i)
        ndim += 1
    out = buffers.empty(ndim, shape, cnp.PyArray_TYPE(a))
    n = r.count * r.width
    r.width *= cnp.PyArray_ITEMSIZE(a)
    r.rows = <char*> cnp.PyArray_DATA(out)
    r.step = max(<Py_ssize_t> 1, BYTES / max(<Py_ssize_t> 1, r.width))
    pieces = (r.count + r.step - 1) / r.step
    if n > RELEASE:
        with nogil:
            share(take_piece, &r, pieces, threads_for(pieces, 2 * n / LIGHT))
    else:
        share(take_piece, &r, pieces, 1)
    return None if r.outside else out


cdef bint add_rows(cnp.ndarray out, cnp.ndarray index, cnp.ndarray g):
    """out[index] += g, where an index named twice counts twice, in their order; False if NumPy has
    to see to it, which may find some rows added already."""
    cdef Rows r
    cdef Py_ssize_t pieces
    cdef int kind = cnp.PyArray_TYPE(out)
    if (kind != cnp.PyArray_TYPE(g) or not (kind == cnp.NPY_FLOAT or kind == cnp.NPY_DOUBLE)
            or overlap(out, g) or not prepare(&r, out, index)
            or cnp.PyArray_SIZE(g) != r.count * r.width):
        return False
    g = in_order(g)
    r.rows = <char*> cnp.PyArray_DATA(g)
    r.step = COLUMNS
    pieces = (r.width + COLUMNS - 1) / COLUMNS
    with nogil:
        if threads_for(pieces, 3 * r.count * r.width / LIGHT) == 1:
            pieces, r.step = 1, r.width             # the same sums, in longer rows
        share(add_piece32 if kind == cnp.NPY_FLOAT else add_piece64, &r, pieces,
              threads_for(pieces, 3 * r.count * r.width / LIGHT))
    return not r.outside
