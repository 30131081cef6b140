"""Normalization of channels, x: (N, C, L), and of rows, x: (M, D), forward and backward.

y = w * (x - mean) * rstd + b.   Statistics are float64: mean, var (divided by n) and rstd.
dx = rstd * (h - E[h] - xhat * E[h * xhat]) where h = w * g and xhat = (x - mean) * rstd."""

cimport numpy as cnp
from libc.math cimport sqrt
from libc.string cimport memset

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.rows.moments cimport (
    CHUNK, LANES, add_products, clear, row_statistics, statistics, total,
)
from plugrad.kernels.strides.strides cimport RELEASE
from plugrad.kernels.base.threads cimport piece_t, share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    ROWS = 8192         # numbers in a piece of rows
    PIECES = 64         # at most so many pieces: each has sums of its own
    SHORT = 16          # channels with fewer numbers side by side are transposed first

# What all pieces of one call see.
cdef struct Job:
    int kind
    bint fixed                     # statistics are given, and no gradient flows through them
    bint sums                      # whether dw and db are wanted
    double eps
    Py_ssize_t N, C, L             # rows: N of them, L numbers each, `C` in a piece
    char* x
    char* g
    char* w                        # NULL for ones
    char* b                        # NULL for zeros
    char* y                        # or dx; NULL if it is not wanted
    double* mean
    double* var
    double* rstd
    double* dw
    double* db
    char* part                     # rows: (pieces, 2, L), the sums of each piece


cdef inline void add_weighted(const real* g, const real* w, const real* x, Py_ssize_t n,
                              real shift, real* first, real* second) noexcept nogil:
    """first += w * g;  second += w * g * (x - shift)"""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef real h
    cdef Py_ssize_t i, j
    for j in range(LANES):
        a[j] = first[j]
        b[j] = second[j]
    for i in range(n // LANES):
        for j in range(LANES):
            h = g[i * LANES + j] * w[i * LANES + j]
            a[j] += h
            b[j] += h * (x[i * LANES + j] - shift)
    for j in range(LANES):
        first[j] = a[j]
        second[j] = b[j]
    for j in range(n % LANES):
        h = g[n - n % LANES + j] * w[n - n % LANES + j]
        first[j] += h
        second[j] += h * (x[n - n % LANES + j] - shift)


# ---------------------------------------------------------------------------------------- channels

cdef inline void forward_channel(const real* x, const real* w, const real* b, real* y,
                                 const Job* s, Py_ssize_t c) noexcept nogil:
    cdef Py_ssize_t n, i, step = s.C * s.L
    cdef const real* run
    cdef real* out
    cdef real mean, scale, shift
    if not s.fixed:
        statistics(x + c * s.L, s.N, step, s.L, s.mean + c, s.var + c)
    s.rstd[c] = 1 / sqrt(s.var[c] + s.eps)
    mean = <real> s.mean[c]
    scale = <real> (s.rstd[c] * w[c] if w != NULL else s.rstd[c])
    # What rounding took from the mean is given back here.
    shift = <real> ((b[c] if b != NULL else 0) - (s.mean[c] - mean) * scale)
    for n in range(s.N):
        run, out = x + n * step + c * s.L, y + n * step + c * s.L
        for i in range(s.L):
            out[i] = (run[i] - mean) * scale + shift


cdef inline void backward_channel(const real* g, const real* x, const real* w, real* dx,
                                  const Job* s, Py_ssize_t c) noexcept nogil:
    cdef real a[LANES]
    cdef real b[LANES]
    cdef Py_ssize_t n, at, i, runs, length, step = s.C * s.L, most = max(1, CHUNK // s.L)
    cdef double sum_g = 0, dot = 0, scale, slope, rest
    cdef real mean = <real> s.mean[c], of_g, of_x, constant
    g, x = g + c * s.L, x + c * s.L
    if s.sums or not s.fixed:
        for n from 0 <= n < s.N by most:
            runs = min(most, s.N - n)
            for at from 0 <= at < s.L by CHUNK:
                length = min(<Py_ssize_t> CHUNK, s.L - at)
                clear(a)
                clear(b)
                for i in range(n, n + runs):
                    add_products(g + i * step + at, x + i * step + at, length, mean, a, b)
                sum_g += total(a)
                dot += total(b)
    rest = s.mean[c] - mean
    dot -= rest * sum_g
    s.db[c] = sum_g
    s.dw[c] = dot * s.rstd[c]
    if dx == NULL:
        return
    dx = dx + c * s.L
    scale = s.rstd[c] * w[c] if w != NULL else s.rstd[c]
    slope = scale * s.rstd[c] * s.rstd[c] * dot / (s.N * s.L)
    of_g, of_x = <real> scale, <real> slope
    constant = <real> (slope * rest - scale * sum_g / (s.N * s.L))
    for _ in range(s.N):
        if s.fixed:
            for i in range(s.L):
                dx[i] = of_g * g[i]
        else:
            for i in range(s.L):
                dx[i] = of_g * g[i] - of_x * (x[i] - mean) + constant
        g, x, dx = g + step, x + step, dx + step


cdef void channel_forward(void* context, Py_ssize_t c, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    if s.kind == cnp.NPY_FLOAT:
        forward_channel(<float*> s.x, <float*> s.w, <float*> s.b, <float*> s.y, s, c)
    else:
        forward_channel(<double*> s.x, <double*> s.w, <double*> s.b, <double*> s.y, s, c)


cdef void channel_backward(void* context, Py_ssize_t c, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    if s.kind == cnp.NPY_FLOAT:
        backward_channel(<float*> s.g, <float*> s.x, <float*> s.w, <float*> s.y, s, c)
    else:
        backward_channel(<double*> s.g, <double*> s.x, <double*> s.w, <double*> s.y, s, c)


# -------------------------------------------------------------------------------------------- rows

cdef inline void forward_rows(const real* x, const real* w, const real* b, real* y, const Job* s,
                              Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    cdef Py_ssize_t m, j, D = s.L
    cdef real mean, scale, shift
    x, y = x + first * D, y + first * D
    for m in range(first, last):
        if D <= CHUNK:
            row_statistics(x, D, s.mean + m, s.var + m)
        else:
            statistics(x, 1, 0, D, s.mean + m, s.var + m)
        s.rstd[m] = 1 / sqrt(s.var[m] + s.eps)
        mean, scale = <real> s.mean[m], <real> s.rstd[m]
        shift = <real> ((mean - s.mean[m]) * scale)
        if w == NULL and b == NULL:
            for j in range(D):
                y[j] = (x[j] - mean) * scale + shift
        elif w == NULL:
            for j in range(D):
                y[j] = (x[j] - mean) * scale + shift + b[j]
        elif b == NULL:
            for j in range(D):
                y[j] = ((x[j] - mean) * scale + shift) * w[j]
        else:
            for j in range(D):
                y[j] = ((x[j] - mean) * scale + shift) * w[j] + b[j]
        x, y = x + D, y + D


cdef inline void backward_rows(const real* g, const real* x, const real* w, real* dx, real* dw,
                               real* db, const Job* s, Py_ssize_t first,
                               Py_ssize_t last) noexcept nogil:
    cdef real a[LANES]
    cdef real b[LANES]
    cdef Py_ssize_t m, at, j, length, D = s.L
    cdef double sum_h, dot, rest, slope
    cdef real mean, scale, shift, of_x, constant
    g, x = g + first * D, x + first * D
    if dx != NULL:
        dx = dx + first * D
    if s.sums:
        memset(dw, 0, D * sizeof(real))
        memset(db, 0, D * sizeof(real))
    for m in range(first, last):
        mean, scale = <real> s.mean[m], <real> s.rstd[m]
        rest = s.mean[m] - mean
        if s.sums:
            shift = <real> (-rest * s.rstd[m])
            for j in range(D):
                dw[j] += g[j] * ((x[j] - mean) * scale + shift)
                db[j] += g[j]
        if dx != NULL:
            sum_h = dot = 0
            for at from 0 <= at < D by CHUNK:
                length = min(<Py_ssize_t> CHUNK, D - at)
                clear(a)
                clear(b)
                if w == NULL:
                    add_products(g + at, x + at, length, mean, a, b)
                else:
                    add_weighted(g + at, w + at, x + at, length, mean, a, b)
                sum_h += total(a)
                dot += total(b)
            dot -= rest * sum_h
            slope = s.rstd[m] * s.rstd[m] * s.rstd[m] * dot / D
            of_x, constant = <real> slope, <real> (slope * rest - s.rstd[m] * sum_h / D)
            if w == NULL:
                for j in range(D):
                    dx[j] = scale * g[j] - of_x * (x[j] - mean) + constant
            else:
                for j in range(D):
                    dx[j] = scale * (g[j] * w[j]) - of_x * (x[j] - mean) + constant
            dx = dx + D
        g, x = g + D, x + D


cdef void row_forward(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t first = piece * s.C, last = min(s.N, first + s.C)
    if s.kind == cnp.NPY_FLOAT:
        forward_rows(<float*> s.x, <float*> s.w, <float*> s.b, <float*> s.y, s, first, last)
    else:
        forward_rows(<double*> s.x, <double*> s.w, <double*> s.b, <double*> s.y, s, first, last)


cdef void row_backward(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t first = piece * s.C, last = min(s.N, first + s.C), at = piece * 2 * s.L
    if s.kind == cnp.NPY_FLOAT:
        backward_rows(<float*> s.g, <float*> s.x, <float*> s.w, <float*> s.y,
                      <float*> s.part + at, <float*> s.part + at + s.L, s, first, last)
    else:
        backward_rows(<double*> s.g, <double*> s.x, <double*> s.w, <double*> s.y,
                      <double*> s.part + at, <double*> s.part + at + s.L, s, first, last)


cdef void add_parts(const real* part, Py_ssize_t pieces, Py_ssize_t D, double* out) noexcept nogil:
    """The sums of all pieces, in order."""
    cdef Py_ssize_t i, j
    for j in range(2 * D):
        out[j] = part[j]
    for i in range(1, pieces):
        for j in range(2 * D):
            out[j] += part[i * 2 * D + j]


# ------------------------------------------------------------------------------------------- doors

cdef inline char* data(cnp.ndarray a):
    return NULL if a is None else <char*> cnp.PyArray_DATA(a)


cdef inline cnp.ndarray ordered(cnp.ndarray a):
    return None if a is None else doors.in_order(a)


cdef int see(Job* s, cnp.ndarray x, cnp.ndarray stats) except -1:
    """What every call has: the input and its statistics (3, groups)."""
    s.kind = doors.floating("normalize", "x", x, x)
    s.x, s.g, s.w, s.b, s.y, s.part = data(x), NULL, NULL, NULL, NULL, NULL
    s.dw = s.db = NULL
    s.fixed, s.sums, s.eps = False, False, 0
    cdef Py_ssize_t groups = cnp.PyArray_DIM(stats, 1)
    s.mean = <double*> cnp.PyArray_DATA(stats)
    s.var, s.rstd = s.mean + groups, s.mean + 2 * groups
    return 0


cdef void work(piece_t task, Job* s, Py_ssize_t pieces, Py_ssize_t size):
    """Do all pieces, without the GIL if it takes long."""
    cdef int threads = threads_for(pieces, 4 * size)
    if size < RELEASE:
        share(task, s, pieces, threads)
    else:
        with nogil:
            share(task, s, pieces, threads)


cdef cnp.ndarray new_statistics(Py_ssize_t groups):
    cdef cnp.npy_intp[2] shape = [3, groups]
    return buffers.empty(2, shape, cnp.NPY_DOUBLE)


cdef cnp.ndarray side_by_side(cnp.ndarray x):
    """x as (1, C, N * L), each channel's numbers side by side."""
    N, C, L = (<object> x).shape
    return doors.in_order(x.swapaxes(0, 1)).reshape(1, C, N * L)


cdef cnp.ndarray taken_apart(cnp.ndarray y, Py_ssize_t N, Py_ssize_t L):
    """The reverse of side_by_side."""
    return doors.in_order(y.reshape(y.shape[1], N, L).swapaxes(0, 1))


cdef cnp.ndarray rounded(cnp.ndarray sums, int kind):
    """Sums in the dtype of what they are the gradient of."""
    return sums if kind == cnp.NPY_DOUBLE else cnp.PyArray_Cast(sums, kind)


cdef tuple channels_forward(cnp.ndarray x, cnp.ndarray w, cnp.ndarray b, cnp.ndarray stats,
                            double eps):
    """(y, stats)        x, y: (N, C, L)   w, b: (C,) or None, of x's dtype   stats: (3, C)

    stats given: mean and var in it are used; None: they are computed, and with rstd returned."""
    cdef Job s
    cdef cnp.ndarray y
    cdef Py_ssize_t N = x.shape[0], L = x.shape[2]
    if L < SHORT and N > 1 and L > 0:
        y, stats = channels_forward(side_by_side(x), w, b, stats, eps)
        return taken_apart(y, N, L), stats
    cdef bint fixed = stats is not None
    if not fixed:
        stats = new_statistics(x.shape[1])
    x, w, b = doors.in_order(x), ordered(w), ordered(b)
    y = buffers.empty_like(x, cnp.PyArray_TYPE(x))
    see(&s, x, stats)
    s.N, s.C, s.L, s.fixed, s.eps = N, x.shape[1], L, fixed, eps
    s.w, s.b, s.y = data(w), data(b), data(y)
    if cnp.PyArray_SIZE(x) == 0:
        if not fixed:
            stats.fill(0)
        return y, stats
    work(channel_forward, &s, s.C, cnp.PyArray_SIZE(x))
    return y, stats


cdef tuple channels_backward(cnp.ndarray g, cnp.ndarray x, cnp.ndarray w, cnp.ndarray stats,
                             bint fixed, bint need_x, bint need_sums):
    """(dx, dw, db), those that are needed, else None        g, x: (N, C, L)   w: (C,) or None

    fixed: the statistics are not those of x, but given."""
    cdef Job s
    cdef cnp.ndarray dx = None, sums
    cdef Py_ssize_t N = x.shape[0], L = x.shape[2]
    if L < SHORT and N > 1 and L > 0:
        dx, dw, db = channels_backward(side_by_side(g), side_by_side(x), w, stats, fixed, need_x,
                                       need_sums)
        return None if dx is None else taken_apart(dx, N, L), dw, db
    g, x, w = doors.in_order(g), doors.in_order(x), ordered(w)
    cdef cnp.npy_intp[2] shape = [2, x.shape[1]]
    sums = doors.zeros(2, shape, cnp.NPY_DOUBLE)
    if need_x:
        dx = buffers.empty_like(x, cnp.PyArray_TYPE(x))
    see(&s, x, stats)
    s.N, s.C, s.L, s.fixed, s.sums = N, x.shape[1], L, fixed, need_sums
    s.g, s.w, s.y, s.dw = data(g), data(w), data(dx), <double*> data(sums)
    s.db = s.dw + s.C
    if cnp.PyArray_SIZE(x):
        work(channel_backward, &s, s.C, 2 * cnp.PyArray_SIZE(x))
    if not need_sums:
        return dx, None, None
    sums = rounded(sums, s.kind)
    return dx, sums[0], sums[1]


cdef Py_ssize_t rows_of_a_piece(Py_ssize_t M, Py_ssize_t D) noexcept:
    return max(max(<Py_ssize_t> 1, ROWS // D), (M + PIECES - 1) // PIECES)


cdef tuple rows_forward(cnp.ndarray x, cnp.ndarray w, cnp.ndarray b, double eps):
    """(y, stats)        x, y: (M, D)   w, b: (D,) or None, of x's dtype   stats: (3, M)"""
    cdef Job s
    cdef cnp.ndarray y, stats = new_statistics(x.shape[0])
    x, w, b = doors.in_order(x), ordered(w), ordered(b)
    y = buffers.empty_like(x, cnp.PyArray_TYPE(x))
    see(&s, x, stats)
    if cnp.PyArray_SIZE(x) == 0:
        stats.fill(0)
        return y, stats
    s.N, s.L, s.eps = x.shape[0], x.shape[1], eps
    s.C = rows_of_a_piece(s.N, s.L)
    s.w, s.b, s.y = data(w), data(b), data(y)
    work(row_forward, &s, (s.N + s.C - 1) // s.C, cnp.PyArray_SIZE(x))
    return y, stats


cdef tuple rows_backward(cnp.ndarray g, cnp.ndarray x, cnp.ndarray w, cnp.ndarray stats,
                         bint need_x, bint need_sums):
    """(dx, dw, db), those that are needed, else None        g, x: (M, D)   w: (D,) or None"""
    cdef Job s
    cdef cnp.ndarray dx = None, sums, part = None
    cdef Py_ssize_t pieces
    cdef cnp.npy_intp[2] shape = [2, x.shape[1]]
    cdef cnp.npy_intp size
    g, x, w = doors.in_order(g), doors.in_order(x), ordered(w)
    if need_x:
        dx = buffers.empty_like(x, cnp.PyArray_TYPE(x))
    see(&s, x, stats)
    sums = doors.zeros(2, shape, cnp.NPY_DOUBLE)
    if cnp.PyArray_SIZE(x):
        s.N, s.L, s.sums = x.shape[0], x.shape[1], need_sums
        s.C = rows_of_a_piece(s.N, s.L)
        pieces = (s.N + s.C - 1) // s.C
        if need_sums:
            size = pieces * 2 * s.L
            part = buffers.empty(1, &size, s.kind)
        s.g, s.w, s.y, s.part = data(g), data(w), data(dx), data(part)
        work(row_backward, &s, pieces, 2 * cnp.PyArray_SIZE(x))
        if need_sums and s.kind == cnp.NPY_FLOAT:
            add_parts(<float*> s.part, pieces, s.L, <double*> data(sums))
        elif need_sums:
            add_parts(<double*> s.part, pieces, s.L, <double*> data(sums))
    if not need_sums:
        return dx, None, None
    sums = rounded(sums, s.kind)
    return dx, sums[0], sums[1]
