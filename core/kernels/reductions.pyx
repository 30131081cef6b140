"""Reductions over any set of axes, summed pairwise.

The axes that go and those that stay are walked separately.  Accumulators form a row: either
neighbors in the result, or, where the innermost axis goes, the lanes into which a run of adjacent
elements is dealt out and which are added up at the end.  Every few rows the accumulators are put
aside, and two sets that have seen equally much are merged, so that a sum of n numbers has passed
O(log n) additions, not n (pairwise summation, Higham 1993)."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels cimport buffers
from plugrad.kernels.argmax cimport position_loop, position_t
from plugrad.kernels.doors cimport native
from plugrad.kernels.folds cimport LANES, fold_loop, fold_t, identity, total_slot
from plugrad.kernels.strides cimport RELEASE, Walk, advance, fill, move, simplify
from plugrad.kernels.typenums cimport INT64, int64_t, plain, slot, typenum

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
    double level[48][128]


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
    cdef double scratch[128]
    cdef Py_ssize_t index[64]
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
    cdef double scratch[512]            # LEAF * LANES
    cdef Py_ssize_t index[64]
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
    cdef Py_ssize_t index[64]
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


cdef bint reduced(unsigned long long axes, int i) noexcept nogil:
    return axes >> i & 1


cdef cnp.ndarray new_result(cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef cnp.npy_intp shape[64]
    cdef int i, ndim = 0
    for i in range(cnp.PyArray_NDIM(a)):
        if not reduced(axes, i):
            shape[ndim] = cnp.PyArray_DIM(a, i)
            ndim += 1
        elif keepdim:
            shape[ndim] = 1
            ndim += 1
    return buffers.empty(ndim, shape, typenum(s))


cdef void join_both(Walk* w, cnp.ndarray a, cnp.ndarray out, unsigned long long axes) noexcept:
    """Walk over a's axes; the result stands still along those that go."""
    cdef int i, d, ndim = cnp.PyArray_NDIM(a)
    cdef Py_ssize_t stride = cnp.PyArray_ITEMSIZE(out)
    w.ndim = ndim
    w.operands = 2
    w.data[0] = <char*> cnp.PyArray_DATA(a)
    w.data[1] = <char*> cnp.PyArray_DATA(out)
    w.itemsize[0] = <int> cnp.PyArray_ITEMSIZE(a)
    w.itemsize[1] = <int> cnp.PyArray_ITEMSIZE(out)
    for d in range(ndim):
        i = ndim - 1 - d
        w.shape[d] = cnp.PyArray_DIM(a, i)
        w.strides[0][d] = cnp.PyArray_STRIDE(a, i)
        w.strides[1][d] = 0
        if not reduced(axes, i):
            w.strides[1][d] = stride
            stride *= w.shape[d]


cdef cnp.ndarray fold(int op, cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef Plan p
    cdef Walk w
    cdef bint by_rows
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    cdef int t = total_slot(op, s)
    cdef cnp.ndarray out = new_result(a, axes, keepdim, t)
    cdef char* data = <char*> cnp.PyArray_DATA(out)
    p.size = <int> cnp.PyArray_ITEMSIZE(out)
    identity(op, t, &p.start)
    if n == 0:
        fill(data, <char*> &p.start, cnp.PyArray_SIZE(out), p.size)
        return out
    p.fold = fold_loop(op, s)
    p.merge = fold_loop(op, t)
    join_both(&w, a, out, axes)
    simplify(&w, 0)
    by_rows = divide(&p, &w)
    if n > RELEASE:
        with nogil:
            run(&p, by_rows)
    else:
        run(&p, by_rows)
    return out


cdef void find(position_t loop, Walk* kept, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t index[64]
    cdef char* row[4]
    cdef int d
    row[0] = kept.data[0]
    row[1] = kept.data[1]
    for d in range(kept.ndim):
        index[d] = 0
    while True:
        (<int64_t*> row[1])[0] = loop(row[0], stride, n)
        if not advance(kept, index, row, 0):
            return


cdef cnp.ndarray position(int op, cnp.ndarray a, unsigned long long axes, bint keepdim, int s):
    cdef Plan p
    cdef Walk w
    cdef int i, gone = 0, ndim = cnp.PyArray_NDIM(a)
    cdef Py_ssize_t size = cnp.PyArray_SIZE(a)
    cdef cnp.ndarray out = new_result(a, axes, keepdim, INT64)
    for i in range(ndim):
        gone += reduced(axes, i)
    if gone > 1:
        if gone < ndim:
            raise ValueError(f"{name(op)}: expected one axis or all of {ndim}, got {gone}")
        if not plain(a):
            a = cnp.PyArray_NewCopy(a, cnp.NPY_CORDER)
    if size == 0:
        return out
    join_both(&w, a, out, axes)
    simplify(&w, 0)
    divide(&p, &w)
    if size > RELEASE:
        with nogil:
            find(position_loop(op, s), &p.kept, p.gone.strides[0][0], p.gone.shape[0])
    else:
        find(position_loop(op, s), &p.kept, p.gone.strides[0][0], p.gone.shape[0])
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
