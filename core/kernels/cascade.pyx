"""Folding the elements of an array over any set of its axes, pairwise.

The axes that go and those that stay are walked separately.  Accumulators form a row: either
neighbors in the result, or, where the innermost axis goes, the lanes into which a run of adjacent
elements is dealt out and which are added up at the end.  Every few rows the accumulators are put
aside, and two sets that have seen equally much are merged, so that a sum of n numbers has passed
O(log n) additions, not n (pairwise summation, Higham 1993)."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels.folds cimport LANES, fold_loop, fold_t, identity, total_slot
from plugrad.kernels.strides cimport MAX_NDIM, RELEASE, Walk, advance, fill, move, point, simplify

cnp.import_array()

cdef enum:
    WIDTH = 128         # accumulators in a row
    LEAF = 16           # rows added up one after the other
    SHORT = 8           # axes shorter than this are no good as rows of accumulators
    SHORT_RUN = 24      # and runs shorter than this not worth dealing out
    LEVELS = 48         # of merging: enough for 2 ** 48 leaves

cdef struct Plan:
    fold_t fold         # elements into accumulators
    fold_t merge        # accumulators into accumulators
    int size            # bytes of an accumulator
    double start        # room for the accumulator that has seen nothing
    Walk kept           # axes that stay: operand 0 is the input, operand 1 the result
    Walk gone           # axes that go: operand 0 is the input

cdef struct Cascade:
    int depth
    Py_ssize_t leaves
    double level[LEVELS][WIDTH]


cdef inline char* new_leaf(Plan* p, Cascade* c, Py_ssize_t width) noexcept nogil:
    """A fresh row of accumulators on top of the stack."""
    cdef char* row = <char*> c.level[c.depth]
    fill(row, <char*> &p.start, width, p.size)
    return row


cdef inline void close_leaf(Plan* p, Cascade* c, Py_ssize_t width) noexcept nogil:
    """Count the leaf on top; while the two topmost sets stand for equally many leaves, merge them:
    their numbers are the bits of a binary counter."""
    cdef Py_ssize_t carry
    c.depth += 1
    c.leaves += 1
    carry = c.leaves
    while carry & 1 == 0:
        c.depth -= 1
        p.merge(c.level[c.depth], 0, 1, c.level[c.depth - 1], width)
        carry >>= 1


cdef inline void merge_all(Plan* p, Cascade* c, Py_ssize_t width) noexcept nogil:
    while c.depth > 1:
        c.depth -= 1
        p.merge(c.level[c.depth], 0, 1, c.level[c.depth - 1], width)


cdef void fold_rows(Plan* p, Cascade* c, char* a, Py_ssize_t width) noexcept nogil:
    """level[0][j] = op over the axes that go of the j-th neighbor of a, j < width."""
    cdef double scratch[WIDTH]
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t i, start, m, n = p.gone.shape[0], stride = p.gone.strides[0][0]
    cdef Py_ssize_t step = p.kept.strides[0][0]
    cdef int d, size = p.gone.itemsize[0]
    cdef char* leaf
    for d in range(p.gone.ndim):
        index[d] = 0
    c.depth = 0
    c.leaves = 0
    while True:
        start = 0
        while start < n:
            m = min(<Py_ssize_t> LEAF, n - start)
            leaf = new_leaf(p, c, width)
            if step == size:
                p.fold(a + start * stride, stride, m, leaf, width)
            else:
                for i in range(start, start + m):
                    move(<char*> scratch, size, a + i * stride, step, width, size)
                    p.fold(scratch, 0, 1, leaf, width)
            close_leaf(p, c, width)
            start += LEAF
        if not advance(&p.gone, index, &a, 1):
            break
    merge_all(p, c, width)


cdef void fold_run(Plan* p, Cascade* c, char* a) noexcept nogil:
    """level[0][0] = op over the axes that go, starting at a."""
    cdef double scratch[LEAF * LANES]
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t start, m, n = p.gone.shape[0], stride = p.gone.strides[0][0]
    cdef Py_ssize_t width = min(n, <Py_ssize_t> LANES)
    cdef int d, size = p.gone.itemsize[0]
    cdef char* leaf
    cdef char* piece
    for d in range(p.gone.ndim):
        index[d] = 0
    c.depth = 0
    c.leaves = 0
    while True:
        start = 0
        while start < n:
            m = min(<Py_ssize_t> (LEAF * LANES), n - start)
            piece = a + start * stride
            if stride != size:
                move(<char*> scratch, size, piece, stride, m, size)
                piece = <char*> scratch
            leaf = new_leaf(p, c, width)
            p.fold(piece, width * size, m / width, leaf, width)
            p.fold(piece + (m - m % width) * size, 0, 1, leaf, m % width)
            close_leaf(p, c, width)
            start += LEAF * LANES
        if not advance(&p.gone, index, &a, 1):
            break
    merge_all(p, c, width)
    leaf = <char*> c.level[0]
    while width > SHORT:                # the upper half of the lanes onto the lower
        m = width / 2
        p.merge(leaf + (width - m) * p.size, 0, 1, leaf, m)
        width -= m
    if width > 1:
        p.merge(leaf + p.size, p.size, width - 1, leaf, 1)


cdef void run(Plan* p, bint by_rows) noexcept nogil:
    cdef Cascade c
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t start, m, n = p.kept.shape[0]
    cdef char* row[4]
    cdef int d
    row[0] = p.kept.data[0]
    row[1] = p.kept.data[1]
    for d in range(p.kept.ndim):
        index[d] = 0
    while True:
        start = 0
        while by_rows and start < n:
            m = min(<Py_ssize_t> WIDTH, n - start)
            fold_rows(p, &c, row[0] + start * p.kept.strides[0][0], m)
            move(row[1] + start * p.kept.strides[1][0], p.kept.strides[1][0],
                 <char*> c.level[0], p.size, m, p.size)
            start += WIDTH
        if not by_rows:
            fold_run(p, &c, row[0])
            memcpy(row[1], c.level[0], p.size)
        if not advance(&p.kept, index, row, 1 if by_rows else 0):
            return


cdef void append(Walk* w, Walk* of, int d) noexcept nogil:
    cdef int k
    w.shape[w.ndim] = of.shape[d]
    for k in range(w.operands):
        w.strides[k][w.ndim] = of.strides[k][d]
    w.ndim += 1


cdef bint divide(Plan* p, Walk* w) noexcept nogil:
    """Put the axes of w that stay (the result moves along them) and those that go into the plan.
    Returns whether accumulators are neighbors in the result."""
    cdef int d, k
    for k in range(2):
        p.kept.itemsize[k] = p.gone.itemsize[k] = w.itemsize[k]
        p.kept.data[k] = w.data[k]
    p.kept.operands = 2
    p.gone.operands = 1
    p.kept.ndim = p.gone.ndim = 0
    for d in range(w.ndim):
        if w.shape[d] > 1:
            append(&p.gone if w.strides[1][d] == 0 else &p.kept, w, d)
    if p.kept.ndim == 0:
        p.kept.shape[0] = p.kept.ndim = 1
        p.kept.strides[0][0] = p.kept.strides[1][0] = 0
    if p.gone.ndim == 0:
        p.gone.shape[0] = p.gone.ndim = 1
        p.gone.strides[0][0] = 0
    return p.kept.shape[0] >= SHORT and (w.strides[1][0] != 0 or p.gone.shape[0] < SHORT_RUN)


cdef void join(Walk* w, cnp.ndarray a, unsigned long long axes, cnp.ndarray out) noexcept:
    """Walk over a's axes; the result stands still along those that go."""
    cdef int i, d, ndim = cnp.PyArray_NDIM(a)
    cdef Py_ssize_t stride = cnp.PyArray_ITEMSIZE(out)
    w.ndim = ndim
    w.operands = 2
    point(w, 0, a)
    point(w, 1, out)
    for d in range(ndim):
        i = ndim - 1 - d
        w.shape[d] = cnp.PyArray_DIM(a, i)
        w.strides[0][d] = cnp.PyArray_STRIDE(a, i)
        w.strides[1][d] = 0
        if not reduced(axes, i):
            w.strides[1][d] = stride
            stride *= w.shape[d]


cdef void fold_axes(
        int op, int slot, cnp.ndarray a, unsigned long long axes, cnp.ndarray out) noexcept:
    """out = op over the axes of a; out is C-contiguous and of the dtype of the accumulators."""
    cdef Plan p
    cdef Walk w
    cdef bint by_rows
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    cdef int total = total_slot(op, slot)
    p.size = <int> cnp.PyArray_ITEMSIZE(out)
    identity(op, total, &p.start)
    if n == 0:
        fill(<char*> cnp.PyArray_DATA(out), <char*> &p.start, cnp.PyArray_SIZE(out), p.size)
        return
    p.fold = fold_loop(op, slot)
    p.merge = fold_loop(op, total)
    join(&w, a, axes, out)
    simplify(&w, 0)
    by_rows = divide(&p, &w)
    if n > RELEASE:
        with nogil:
            run(&p, by_rows)
    else:
        run(&p, by_rows)
