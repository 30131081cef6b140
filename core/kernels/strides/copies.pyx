"""Copies of arrays of any strides: rows as they are, transposed operands a tile at a time.

A tile is as wide as a cache line, and turned in a scratch buffer: whole lines are read, and whole
lines are written."""

cimport numpy as cnp
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport llabs
from libc.string cimport memcpy

from plugrad.kernels.base cimport buffers
from plugrad.kernels.base.doors cimport native
from plugrad.kernels.strides.strides cimport MAX_NDIM, RELEASE, Walk, advance, move, point, simplify
from plugrad.kernels.base.threads cimport LIGHT, share, threads_for

cnp.import_array()

cdef enum:
    TILE = 16
    PIECE = 1 << 15         # elements that are worth a piece for a thread
    RUN = 512               # bytes from which the library's memcpy is faster than a loop of our own

ctypedef fused word:
    uint32_t
    uint64_t


cdef inline void copy_run(char* out, char* a, Py_ssize_t bytes) noexcept nogil:
    if bytes < RUN:
        while bytes >= 64:                  # of constant size: a move or two, and no call
            memcpy(out, a, 64)
            out += 64
            a += 64
            bytes -= 64
    memcpy(out, a, bytes)


cdef inline void turn(
        char* out, Py_ssize_t to, char* a, Py_ssize_t stride, Py_ssize_t rows, Py_ssize_t n,
        word* kind) noexcept nogil:
    """out[i, j] = a[j, i] for i < rows, j < n: `to` bytes between rows of out, `stride` of a."""
    cdef word tile[TILE * TILE]
    cdef Py_ssize_t i, j
    cdef word* row
    if rows == TILE and n == TILE:
        for j in range(TILE):
            row = <word*> (a + j * stride)
            for i in range(TILE):
                tile[i * TILE + j] = row[i]
        for i in range(TILE):
            memcpy(out + i * to, tile + i * TILE, TILE * sizeof(word))
        return
    for j in range(n):
        row = <word*> (a + j * stride)
        for i in range(rows):
            (<word*> (out + i * to))[j] = row[i]


cdef void turn_plane(Walk* w, char* a, char* out) noexcept nogil:
    """Copy the two innermost axes, which are transposed."""
    cdef Py_ssize_t i = 0, j, rows, n, stride = w.strides[0][0], to = w.strides[1][1]
    cdef int size = w.itemsize[0]
    while i < w.shape[1]:
        rows = min(<Py_ssize_t> TILE, w.shape[1] - i)
        j = 0
        while j < w.shape[0]:
            n = min(<Py_ssize_t> TILE, w.shape[0] - j)
            if size == 4:
                turn(out + i * to + j * size, to, a + j * stride + i * size, stride, rows, n,
                     <uint32_t*> NULL)
            else:
                turn(out + i * to + j * size, to, a + j * stride + i * size, stride, rows, n,
                     <uint64_t*> NULL)
            j += TILE
        i += TILE


cdef bint crossed(Walk* w) noexcept nogil:
    """Whether the input's neighbors lie along an outer axis, which is then the second."""
    cdef int d, k
    cdef int size = w.itemsize[0]
    if (size != 4 and size != 8) or w.strides[1][0] != size or w.strides[0][0] == 0:
        return False
    for d in range(1, w.ndim):
        if w.strides[0][d] == size and w.shape[d] > 1 and llabs(w.strides[0][0]) > size:
            w.shape[1], w.shape[d] = w.shape[d], w.shape[1]
            for k in range(2):
                w.strides[k][1], w.strides[k][d] = w.strides[k][d], w.strides[k][1]
            return True
    return False


cdef void run(Walk* w, bint turned) noexcept nogil:
    """Copy operand 0 of a simplified walk without empty axes to operand 1."""
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t i, n = w.shape[0]
    cdef char* row[4]
    cdef int d, size = w.itemsize[0]
    cdef bint packed = w.strides[0][0] == size and w.strides[1][0] == size
    row[0] = w.data[0]
    row[1] = w.data[1]
    for d in range(w.ndim):
        index[d] = 0
    while True:
        if turned:
            turn_plane(w, row[0], row[1])
        elif packed:
            for i in range(w.shape[1]):
                copy_run(row[1] + i * w.strides[1][1], row[0] + i * w.strides[0][1], n * size)
        else:
            for i in range(w.shape[1]):
                move(row[1] + i * w.strides[1][1], w.strides[1][0],
                     row[0] + i * w.strides[0][1], w.strides[0][0], n, size)
        if not advance(w, index, row, 2):
            return


cdef struct Job:
    Walk* walk
    bint turned
    int axis                # which is cut
    Py_ssize_t step         # into pieces of this size


cdef void do_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    cdef Walk w = job.walk[0]
    cdef Py_ssize_t start = piece * job.step
    cdef int k
    for k in range(2):
        w.data[k] += start * w.strides[k][job.axis]
    w.shape[job.axis] = min(job.step, w.shape[job.axis] - start)
    run(&w, job.turned)


cdef void run_in_pieces(Walk* w, Py_ssize_t n) noexcept nogil:
    """The whole walk over n elements, cut along its longest outer axis."""
    cdef Job job
    cdef Py_ssize_t pieces, length
    cdef int d, threads
    job.walk, job.turned, job.axis = w, crossed(w), 1
    for d in range(2, w.ndim):
        if w.shape[d] > w.shape[job.axis]:
            job.axis = d
    length = w.shape[job.axis]
    pieces = min(length, n / PIECE + 1)
    job.step = (length + pieces - 1) / pieces
    if job.axis == 1 and job.turned:
        job.step = (job.step + TILE - 1) / TILE * TILE
    elif length < 4 and w.shape[0] > PIECE:
        job.axis, job.step, length = 0, PIECE, w.shape[0]
    pieces = (length + job.step - 1) / job.step
    threads = threads_for(pieces, 2 * n / LIGHT)
    if threads == 1:
        run(w, job.turned)
    else:
        share(do_piece, &job, pieces, threads)


cdef void copy(Walk* w, Py_ssize_t n) noexcept:
    if n == 0:
        return
    simplify(w, 1)
    if n > RELEASE:
        with nogil:
            run_in_pieces(w, n)
    else:
        run(w, crossed(w))


cdef cnp.ndarray contiguous_as(cnp.ndarray a, int ndim, cnp.npy_intp* shape):
    """A new copy of a, in C order, in a shape of as many elements."""
    cdef Walk w
    cdef cnp.ndarray out = buffers.empty(ndim, shape, cnp.PyArray_TYPE(a))
    cdef int d, i
    cdef Py_ssize_t stride = cnp.PyArray_ITEMSIZE(out)
    a = native(a)
    w.ndim, w.operands = cnp.PyArray_NDIM(a), 2
    point(&w, 0, a)
    point(&w, 1, out)
    for d in range(w.ndim):
        i = w.ndim - 1 - d
        w.shape[d] = cnp.PyArray_DIM(a, i)
        w.strides[0][d] = cnp.PyArray_STRIDE(a, i)
        w.strides[1][d] = stride
        stride *= w.shape[d]
    copy(&w, cnp.PyArray_SIZE(a))
    return out


cdef void lay(cnp.ndarray out, Py_ssize_t offset, int without, cnp.ndarray a):
    """Copy a into out, from `offset` bytes on: a has out's axes but for `without` (-1: all of
    them), its dtype, and no memory of it."""
    cdef Walk w
    cdef int d, i, j
    a = native(a)
    w.ndim, w.operands = cnp.PyArray_NDIM(a), 2
    point(&w, 0, a)
    point(&w, 1, out)
    w.data[1] += offset
    for d in range(w.ndim):
        i = w.ndim - 1 - d
        j = i + 1 if 0 <= without <= i else i
        w.shape[d] = cnp.PyArray_DIM(a, i)
        w.strides[0][d] = cnp.PyArray_STRIDE(a, i)
        w.strides[1][d] = cnp.PyArray_STRIDE(out, j)
    copy(&w, cnp.PyArray_SIZE(a))
