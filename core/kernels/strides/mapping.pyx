"""The driver under every elementwise kernel: broadcasts operands of any strides and feeds them to a
loop in pieces that lie one after the other.

Loops know no strides.  An operand whose elements are not adjacent is first gathered, a tile of the
two innermost axes at a time, into a scratch buffer that stays in the first-level cache; a strided
output is scattered from one.  That costs little more than reading with a stride, short rows and
transposed operands come out well, and the compiler vectorizes every loop.

Large operations are cut into pieces for threads."""

cimport numpy as cnp
from libc.stdlib cimport llabs

from plugrad.kernels.base cimport buffers
from plugrad.kernels.base.doors cimport native
from plugrad.kernels.strides.strides cimport (
    MAX_NDIM, RELEASE, Walk, advance, apart, join, move, simplify,
)
from plugrad.kernels.base.threads cimport LIGHT, share, threads_for
from plugrad.kernels.base.typenums cimport slot, typenum

cnp.import_array()

cdef enum:
    BLOCK = 512             # elements in a scratch buffer: 4 KiB of float64
    FEW = 8                 # rows below this are not worth a tile
    SHORT = 64              # rows up to this length are taken several at a time
    PIECE = 1 << 14         # elements that are worth a piece for a thread: whole vectors


cdef inline void call(loop_t loop, int inputs, char** p, Py_ssize_t n) noexcept nogil:
    if inputs == 2:
        (<loop2_t> loop)(p[0], p[1], p[2], n)
    elif inputs == 1:
        (<loop1_t> loop)(p[0], p[1], n)
    else:
        (<loop3_t> loop)(p[0], p[1], p[2], p[3], n)


cdef inline void gather(
        char* out, char* a, Py_ssize_t* strides, Py_ssize_t rows, Py_ssize_t n, int size,
        ) noexcept nogil:
    """Pack a tile of rows * n elements."""
    cdef Py_ssize_t i
    if rows >= FEW and llabs(strides[1]) < llabs(strides[0]):   # along the nearer neighbors
        for i in range(n):
            move(out + i * size, n * size, a + i * strides[0], strides[1], rows, size)
    else:
        for i in range(rows):
            move(out + i * n * size, size, a + i * strides[1], strides[0], n, size)


cdef inline void scatter(
        char* out, char* a, Py_ssize_t* strides, Py_ssize_t rows, Py_ssize_t n, int size,
        ) noexcept nogil:
    """Unpack a tile of rows * n elements."""
    cdef Py_ssize_t i
    for i in range(rows):
        move(out + i * strides[1], strides[0], a + i * n * size, size, n, size)


cdef void choose_tile(Walk* w, Py_ssize_t* rows, Py_ssize_t* columns) noexcept nogil:
    """The piece of the two innermost axes that a loop gets at a time."""
    cdef int k
    cdef bint packed = True, crossed = False
    for k in range(w.operands):
        packed = packed and w.strides[k][0] == w.itemsize[k]
        crossed = crossed or (w.shape[1] >= FEW and w.strides[k][1] != 0
                              and llabs(w.strides[k][1]) < llabs(w.strides[k][0]))
    rows[0] = 1
    columns[0] = w.shape[0]
    if crossed:                             # an operand is transposed: a tile of whole cache lines
        columns[0] = min(columns[0], 32)
    if crossed or columns[0] <= SHORT:      # short rows: several at a time
        rows[0] = min(w.shape[1], BLOCK / columns[0])
    elif not packed:
        columns[0] = min(columns[0], BLOCK)


cdef inline int lone(Walk* w, loop_t* numbers) noexcept nogil:
    """Which operand is one number along rows that are worth a loop of their own; -1 if none."""
    cdef int k
    if numbers == NULL or w.shape[0] < SHORT / 4 or w.strides[2][0] != w.itemsize[2]:
        return -1
    for k in range(2):
        if (w.strides[k][0] == 0 and numbers[k] != NULL
                and w.strides[1 - k][0] == w.itemsize[1 - k]):
            return k
    return -1


cdef void run(Walk* w, loop_t loop, loop_t* numbers) noexcept nogil:
    """Call loop on every tile of a simplified walk without empty axes."""
    cdef double scratch[4][BLOCK]
    cdef char* row[4]                   # where these two axes of the operand start
    cdef char* tile[4]
    cdef char* piece[4]                 # what the loop gets
    cdef char* held[4]                  # the tile that the scratch buffer holds
    cdef Py_ssize_t height[4]           # and how much of it
    cdef Py_ssize_t width[4]
    cdef bint adjacent[4]
    cdef Py_ssize_t index[MAX_NDIM]
    cdef Py_ssize_t i, j, m, r, rows, columns
    cdef int d, k, inputs = w.operands - 1, number = lone(w, numbers)
    choose_tile(w, &rows, &columns)
    if number >= 0:
        loop, rows, columns = numbers[number], 1, w.shape[0]
    for k in range(w.operands):
        row[k] = w.data[k]
        held[k] = NULL
        height[k] = width[k] = 0
        adjacent[k] = k == number or (
            w.strides[k][0] == w.itemsize[k]
            and (rows == 1 or w.strides[k][1] == columns * w.itemsize[k]))
    for d in range(w.ndim):
        index[d] = 0
    while True:
        i = 0
        while i < w.shape[1]:
            r = min(rows, w.shape[1] - i)
            j = 0
            while j < w.shape[0]:
                m = min(columns, w.shape[0] - j)
                for k in range(w.operands):
                    tile[k] = row[k] + i * w.strides[k][1] + j * w.strides[k][0]
                    piece[k] = tile[k] if adjacent[k] else <char*> scratch[k]
                    if adjacent[k] or k == inputs or (
                            tile[k] == held[k] and m == width[k] and r <= height[k]):
                        continue
                    gather(piece[k], tile[k], w.strides[k], r, m, w.itemsize[k])
                    held[k] = tile[k]
                    height[k] = r
                    width[k] = m
                call(loop, inputs, piece, r * m)
                if not adjacent[inputs]:
                    scatter(tile[inputs], piece[inputs], w.strides[inputs], r, m,
                            w.itemsize[inputs])
                j += columns
            i += rows
        if not advance(w, index, row, 2):
            return


# ---------------------------------------------------------------------------------------- threads

cdef struct Strided:
    Walk* walk
    loop_t loop
    loop_t* numbers
    int axis                # which is cut
    Py_ssize_t step         # into pieces of this size


cdef void strided_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Strided* job = <Strided*> context
    cdef Walk w = job.walk[0]
    cdef Py_ssize_t start = piece * job.step
    cdef int k
    for k in range(w.operands):
        w.data[k] += start * w.strides[k][job.axis]
    w.shape[job.axis] = min(job.step, w.shape[job.axis] - start)
    run(&w, job.loop, job.numbers)


cdef void run_in_pieces(
        Walk* w, loop_t loop, loop_t* numbers, Py_ssize_t n, int cost) noexcept nogil:
    """The whole walk over n elements, cut along its longest outer axis."""
    cdef Strided job
    cdef Py_ssize_t pieces, length
    cdef int d, threads
    job.walk, job.loop, job.numbers, job.axis = w, loop, numbers, 1
    for d in range(2, w.ndim):
        if w.shape[d] > w.shape[job.axis]:
            job.axis = d
    length = w.shape[job.axis]
    pieces = min(length, n / PIECE + 1)
    job.step = (length + pieces - 1) / pieces
    if length < 4 and w.shape[0] > PIECE:           # one long row, or as good as one
        job.axis, job.step, length = 0, PIECE, w.shape[0]
    pieces = (length + job.step - 1) / job.step
    threads = threads_for(pieces, n * w.operands * cost / LIGHT)
    if threads == 1:
        run(w, loop, numbers)
    else:
        share(strided_piece, &job, pieces, threads)


cdef struct Straight:
    loop_t loop
    int inputs
    char** p
    int* size
    Py_ssize_t n


cdef void straight_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Straight* job = <Straight*> context
    cdef char* p[4]
    cdef Py_ssize_t start = piece * PIECE
    cdef int k
    for k in range(job.inputs + 1):
        p[k] = job.p[k] + start * job.size[k]
    call(job.loop, job.inputs, p, min(<Py_ssize_t> PIECE, job.n - start))


cdef void map_straight(
        loop_t loop, int inputs, char** p, int* size, Py_ssize_t n, int cost) noexcept nogil:
    """Call loop on n elements of each operand that lie one after the other; p are the first ones,
    the output's last, and `size` their bytes."""
    cdef Straight job
    cdef Py_ssize_t pieces = (n + PIECE - 1) / PIECE
    cdef int threads = threads_for(pieces, n * (inputs + 1) * cost / LIGHT)
    if threads == 1:
        call(loop, inputs, p, n)
        return
    job.loop, job.inputs, job.p, job.size, job.n = loop, inputs, p, size, n
    share(straight_piece, &job, pieces, threads)


# ------------------------------------------------------------------------------------------- door

cdef str shapes(object a, object b, object c):
    return " and ".join([str(x.shape) for x in (a, b, c) if x is not None])


cdef check_out(str name, Walk* w, cnp.ndarray out, int out_slot):
    cdef int i
    if slot(out) != out_slot:
        raise RuntimeError(
            f"{name}: expected an output of dtype {cnp.PyArray_DescrFromType(typenum(out_slot))}, "
            f"got {out.dtype}")
    if not cnp.PyArray_ISWRITEABLE(out):
        raise RuntimeError(f"{name}: the output array is read-only; give a writeable one")
    shape = tuple([w.shape[w.ndim - 1 - i] for i in range(w.ndim)])
    if (<object> out).shape != shape:
        raise RuntimeError(
            f"{name}: expected an output of shape {shape}, got {(<object> out).shape}")
    for i in range(cnp.PyArray_NDIM(out) if cnp.PyArray_SIZE(out) else 0):
        if cnp.PyArray_DIM(out, i) > 1 and cnp.PyArray_STRIDE(out, i) == 0:
            raise RuntimeError(
                f"{name}: more than one element of the output lies at the same address "
                "(it is a broadcast view); clone it first")


cdef cnp.ndarray map_strided(
        str name, loop_t loop, int inputs, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c,
        cnp.ndarray out, int out_slot, loop_t* numbers=NULL, int cost=1):
    """out = loop(a), loop(a, b) or loop(a, b, c), broadcast; None for operands that are not used.
    The dtypes are right already, out's is checked here."""
    cdef Walk w
    cdef int i
    cdef cnp.npy_intp shape[MAX_NDIM]
    cdef Py_ssize_t n = 1
    cdef bint fits
    cdef cnp.ndarray target
    w.ndim = w.operands = 0
    a = native(a)
    fits = join(&w, a)
    if inputs > 1:
        b = native(b)
        fits = fits and join(&w, b)
    if inputs > 2:
        c = native(c)
        fits = fits and join(&w, c)
    if not fits:
        raise RuntimeError(
            f"{name}: shapes {shapes(a, b, c)} do not broadcast; "
            "counted from the last axis, sizes must be equal or 1")
    for i in range(w.ndim):
        shape[i] = w.shape[w.ndim - 1 - i]
        n *= shape[i]
    if out is None:
        target = out = buffers.empty(w.ndim, shape, typenum(out_slot))
    else:
        check_out(name, &w, out, out_slot)
        target = out
        if not (cnp.PyArray_ISALIGNED(out) and cnp.PyArray_ISNOTSWAPPED(out)):
            target = buffers.empty(w.ndim, shape, typenum(out_slot))
        w.ndim = w.operands = 0
        a = apart(a, target)
        join(&w, a)
        if inputs > 1:
            b = apart(b, target)
            join(&w, b)
        if inputs > 2:
            c = apart(c, target)
            join(&w, c)
    if n > 0:
        join(&w, target)
        simplify(&w, inputs)
        if n > RELEASE:
            with nogil:
                run_in_pieces(&w, loop, numbers, n, cost)
        else:
            run(&w, loop, numbers)
    if target is not out:
        cnp.PyArray_CopyInto(out, target)
    return out
