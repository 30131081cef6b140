"""Folding the elements of an array over any set of its axes, pairwise.

The axes that go and those that stay are walked separately.  Accumulators form a row of neighbors in
the result; where the innermost axis goes, runs of adjacent elements are folded to one number each.
Every few rows, or runs, what they gave is put aside, and two that have seen equally much are
merged, so that a sum of n numbers has passed O(log n) additions, not n (pairwise summation, Higham
1993).

Large work is cut, by its size alone, into pieces for threads: along an axis that stays, else along
one that goes, and the parts of the result are merged in order."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels.reduce.folds cimport fold_loop, fold_t, identity, run_loop, run_t, total_slot
from plugrad.kernels.strides.strides cimport (
    MAX_NDIM, RELEASE, Walk, advance, fill, move, point, simplify,
)
from plugrad.kernels.base.threads cimport LIGHT, share, threads_for

cnp.import_array()

cdef enum:
    WIDTH = 512         # accumulators in a row
    LEAF = 16           # rows added up one after the other
    SHORT = 8           # axes shorter than this are no good as rows of accumulators
    SHORT_RUN = 16      # and runs shorter than this have no lanes
    LEVELS = 40         # of merging: enough for 2 ** 40 leaves
    RUN = 1024          # elements of a run that are folded at once
    RUNS = 64           # results of runs that are folded at once
    PIECE = 1 << 14     # elements that are worth a piece
    NARROW = 64         # accumulators in the row of a piece
    LARGE = 1 << 17     # elements from which a single number is computed in parts
    PARTS = 16          # so many: the last additions are one leaf
    FEW = 256           # numbers that are few enough for it

cdef struct Plan:
    fold_t fold         # elements into accumulators
    fold_t merge        # accumulators into accumulators
    run_t run           # a run of elements into an accumulator
    run_t gather        # a run of accumulators into one
    bint by_rows        # whether accumulators are neighbors in the result
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


cdef inline void close_runs(Plan* p, Cascade* c, char* results, Py_ssize_t count) noexcept nogil:
    """Fold what runs gave, and put it aside."""
    p.gather(results, count, c.level[c.depth], &p.start)
    close_leaf(p, c, 1)


cdef void fold_run(Plan* p, Cascade* c, char* a) noexcept nogil:
    """level[0][0] = op over the axes that go, starting at a."""
    cdef double scratch[RUN]
    cdef double results[RUNS]
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t n = p.gone.shape[0], stride = p.gone.strides[0][0]
    cdef Py_ssize_t rows = 1, row_stride = 0, tail = 0, i, width, found = 0
    cdef int d, first = 1, size = p.gone.itemsize[0]
    cdef char* run
    if n > RUN:                             # the innermost axis gives several runs
        rows, tail, row_stride, n = n / RUN, n % RUN, RUN * stride, RUN
    elif p.gone.ndim > 1:                   # one run, and the next axis others
        rows, row_stride, first = p.gone.shape[1], p.gone.strides[0][1], 2
    for d in range(p.gone.ndim):
        index[d] = 0
    c.depth = 0
    c.leaves = 0
    while True:
        i = 0
        while i < rows + (tail > 0):
            width = n if i < rows else tail
            run = a + i * row_stride
            if stride != size:
                move(<char*> scratch, size, run, stride, width, size)
                run = <char*> scratch
            p.run(run, width, <char*> results + found * p.size, &p.start)
            i += 1
            found += 1
            if found == RUNS:
                close_runs(p, c, <char*> results, found)
                found = 0
        if not advance(&p.gone, index, &a, first):
            break
    if found:
        close_runs(p, c, <char*> results, found)
    merge_all(p, c, 1)


cdef void run(Plan* p) noexcept nogil:
    """The whole plan, on this thread."""
    cdef Cascade c
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t start, m, n = p.kept.shape[0]
    cdef char* row[4]
    cdef int d
    cdef bint plain_runs = (not p.by_rows and p.gone.ndim == 1 and p.gone.shape[0] <= RUN
                            and p.gone.strides[0][0] == p.gone.itemsize[0]
                            and (n == 1 or p.kept.strides[1][0] == p.size))
    row[0] = p.kept.data[0]
    row[1] = p.kept.data[1]
    for d in range(p.kept.ndim):
        index[d] = 0
    while True:
        start = 0
        while p.by_rows and start < n:
            m = min(<Py_ssize_t> WIDTH, n - start)
            fold_rows(p, &c, row[0] + start * p.kept.strides[0][0], m)
            move(row[1] + start * p.kept.strides[1][0], p.kept.strides[1][0],
                 <char*> c.level[0], p.size, m, p.size)
            start += WIDTH
        if plain_runs:
            for start in range(n):
                p.run(row[0] + start * p.kept.strides[0][0], p.gone.shape[0],
                      row[1] + start * p.size, &p.start)
        elif not p.by_rows:
            fold_run(p, &c, row[0])
            memcpy(row[1], c.level[0], p.size)
        if not advance(&p.kept, index, row, 1 if p.by_rows or plain_runs else 0):
            return


# ---------------------------------------------------------------------------------------- threads

cdef struct Job:
    Plan* plan
    int axis                # what is cut: this axis of those that stay, or of those that go
    Py_ssize_t step         # in pieces of so many
    Py_ssize_t part         # bytes from one part of the result to the next; 0 for pieces that stay
    char* parts


cdef void do_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    """A slice of the plan, as a plan of its own."""
    cdef Job* job = <Job*> context
    cdef Plan p = job.plan[0]
    cdef Py_ssize_t start = piece * job.step
    cdef Walk* w = &p.gone if job.part else &p.kept
    p.kept.data[0] += start * w.strides[0][job.axis]
    if job.part:
        p.kept.data[1] = job.parts + piece * job.part
    else:
        p.kept.data[1] += start * w.strides[1][job.axis]
    w.shape[job.axis] = min(job.step, w.shape[job.axis] - start)
    run(&p)


cdef inline Py_ssize_t above(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """a / b, rounded up."""
    return (a + b - 1) / b


cdef void run_in_pieces(Plan* p, Py_ssize_t n) noexcept nogil:
    """The whole plan, of n elements, on as many threads as it is worth."""
    cdef double parts[PARTS * FEW]
    cdef Job job
    cdef Py_ssize_t pieces, unit, numbers = 1
    cdef int d, threads
    job.plan = p
    job.axis, job.part, job.parts = 0, 0, <char*> parts
    for d in range(p.kept.ndim):
        numbers *= p.kept.shape[d]
        if p.kept.shape[d] > p.kept.shape[job.axis]:
            job.axis = d
    unit = NARROW if p.by_rows and job.axis == 0 else 1
    pieces = min(above(n, PIECE), above(p.kept.shape[job.axis], unit))
    if pieces < PARTS / 4 and n >= LARGE and numbers <= FEW:
        job.axis = p.gone.ndim - 1
        unit = 1 if job.axis or p.by_rows else RUN
        job.step = above(above(p.gone.shape[job.axis], PARTS), unit) * unit
        job.part = numbers * p.size
        pieces = above(p.gone.shape[job.axis], job.step)
        share(do_piece, &job, pieces, threads_for(pieces, 2 * n / LIGHT))
        fill(p.kept.data[1], <char*> &p.start, numbers, p.size)
        p.merge(parts, job.part, pieces, p.kept.data[1], numbers)
        return
    threads = threads_for(pieces, 2 * n / LIGHT)
    if threads == 1:
        run(p)
        return
    job.step = above(above(p.kept.shape[job.axis], pieces), unit) * unit
    share(do_piece, &job, above(p.kept.shape[job.axis], job.step), threads)


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
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    cdef int total = total_slot(op, slot)
    p.size = <int> cnp.PyArray_ITEMSIZE(out)
    identity(op, total, &p.start)
    if n == 0:
        fill(<char*> cnp.PyArray_DATA(out), <char*> &p.start, cnp.PyArray_SIZE(out), p.size)
        return
    p.fold = fold_loop(op, slot)
    p.merge = fold_loop(op, total)
    p.run = run_loop(op, slot)
    p.gather = run_loop(op, total)
    join(&w, a, axes, out)
    simplify(&w, 0)
    p.by_rows = divide(&p, &w)
    if n > RELEASE:
        with nogil:
            run_in_pieces(&p, n)
    else:
        run(&p)
