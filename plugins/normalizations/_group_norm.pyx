"""Normalization of groups of channels, x: (N, C, L), forward and backward in one pass each.

y = w * (x - mean) * rstd + b, mean and rstd of a group: C / G channels of one sample.
dx = rstd * (h - E[h] - xhat * E[h * xhat]) where h = w * g and xhat = (x - mean) * rstd."""

cimport numpy as cnp
from libc.math cimport sqrt

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.rows.moments cimport (
    CHUNK, LANES, add_products, clear, row_statistics, statistics, total,
)
from plugrad.kernels.strides.strides cimport RELEASE
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    PIECE = 8192                   # numbers that a thread takes at once
    SHORT = 256                    # numbers of a channel that are added up in FEW lanes
    FEW = 8

# What all pieces of one call see: N * G groups of K channels of L numbers, `step` in a piece.
cdef struct Job:
    int kind
    bint backward
    double eps
    Py_ssize_t groups, G, K, L, step
    char* x
    char* g
    char* w
    char* b
    char* y                        # or dx; NULL if it is not wanted
    double* mean
    double* rstd
    double* dw                     # (N, C)
    double* db


cdef inline void forward(const Job* s, Py_ssize_t group, real* _) noexcept nogil:
    cdef Py_ssize_t size = s.K * s.L, k, i, c = group % s.G * s.K
    cdef const real* x = <real*> s.x + group * size
    cdef real* y = <real*> s.y + group * size
    cdef real scale, shift, mean
    cdef double var, rest
    if size <= CHUNK:
        row_statistics(x, size, s.mean + group, &var)
    else:
        statistics(x, 1, 0, size, s.mean + group, &var)
    s.rstd[group] = 1 / sqrt(var + s.eps)
    mean = <real> s.mean[group]
    rest = s.mean[group] - mean              # what rounding took from the mean
    for k in range(s.K):
        scale = <real> (s.rstd[group] * (<real*> s.w)[c + k])
        shift = <real> ((<real*> s.b)[c + k] - rest * scale)
        for i in range(s.L):
            y[i] = (x[i] - mean) * scale + shift
        x, y = x + s.L, y + s.L


cdef inline void short_sums(const real* g, const real* x, Py_ssize_t n, real mean, double* sum_g,
                            double* dot) noexcept nogil:
    """sum_g = sum of g;  dot = sum of g * (x - mean), in fewer lanes, which take less to add up"""
    cdef real a[FEW]
    cdef real b[FEW]
    cdef Py_ssize_t i, j
    for j in range(FEW):
        a[j] = b[j] = 0
    for i in range(n // FEW):
        for j in range(FEW):
            a[j] += g[i * FEW + j]
            b[j] += g[i * FEW + j] * (x[i * FEW + j] - mean)
    for j in range(FEW // 2):
        a[j] += a[j + FEW // 2]
        b[j] += b[j + FEW // 2]
    sum_g[0] = (a[0] + a[2]) + (a[1] + a[3])
    dot[0] = (b[0] + b[2]) + (b[1] + b[3])
    for i in range(n - n % FEW, n):
        sum_g[0] += g[i]
        dot[0] += g[i] * (x[i] - mean)


cdef inline void sums(const real* g, const real* x, Py_ssize_t n, real mean, double* sum_g,
                      double* dot) noexcept nogil:
    """The same in more lanes, chunk by chunk."""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef Py_ssize_t at, length
    if n <= SHORT:
        short_sums(g, x, n, mean, sum_g, dot)
        return
    sum_g[0] = dot[0] = 0
    for at from 0 <= at < n by CHUNK:
        length = min(<Py_ssize_t> CHUNK, n - at)
        clear(a)
        clear(b)
        add_products(g + at, x + at, length, mean, a, b)
        sum_g[0] += total(a)
        dot[0] += total(b)


cdef inline void backward(const Job* s, Py_ssize_t group, real* _) noexcept nogil:
    cdef Py_ssize_t size = s.K * s.L, k, i, c = group % s.G * s.K, at = group * s.K
    cdef const real* x = <real*> s.x + group * size
    cdef const real* g = <real*> s.g + group * size
    cdef const real* w = <real*> s.w + c
    cdef real* dx
    cdef double sum_g, dot, sum_h = 0, dot_h = 0, slope, rstd = s.rstd[group], rest
    cdef real mean = <real> s.mean[group], of_g, of_x, constant
    rest = s.mean[group] - mean
    for k in range(s.K):
        sums(g + k * s.L, x + k * s.L, s.L, mean, &sum_g, &dot)
        dot -= rest * sum_g
        s.dw[at + k] = dot * rstd
        s.db[at + k] = sum_g
        sum_h += w[k] * sum_g
        dot_h += w[k] * dot
    if s.y == NULL:
        return
    dx = <real*> s.y + group * size
    slope = rstd * rstd * rstd * dot_h / size
    of_x, constant = <real> slope, <real> (slope * rest - rstd * sum_h / size)
    for k in range(s.K):
        of_g = <real> (rstd * w[k])
        for i in range(s.L):
            dx[i] = of_g * g[i] - of_x * (x[i] - mean) + constant
        g, x, dx = g + s.L, x + s.L, dx + s.L


cdef inline void groups(const Job* s, Py_ssize_t first, Py_ssize_t past, real* kind) noexcept nogil:
    cdef Py_ssize_t group
    for group in range(first, past):
        if s.backward:
            backward(s, group, kind)
        else:
            forward(s, group, kind)


cdef void piece(void* context, Py_ssize_t number, int _) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t first = number * s.step, past = min(s.groups, first + s.step)
    if s.kind == cnp.NPY_FLOAT:
        groups(s, first, past, <float*> NULL)
    else:
        groups(s, first, past, <double*> NULL)


cdef cnp.ndarray checked(str name, cnp.ndarray a, object shape, cnp.ndarray x):
    """a in C order.  Raises RuntimeError for another shape, or dtype than x's."""
    if (<object> a).shape != shape:
        raise RuntimeError(f"group_norm: expected {name} of shape {shape}, got "
                           f"{(<object> a).shape}")
    doors.floating("group_norm", f"x and {name}", x, a)
    return doors.in_order(a)


cdef int prepare(Job* s, cnp.ndarray x, Py_ssize_t G) except -1:
    s.kind = doors.floating("group_norm", "x", x, x)
    if cnp.PyArray_NDIM(x) != 3 or G < 1 or x.shape[1] % G:
        raise RuntimeError(f"group_norm: expected x (N, C, L) with C divisible by {G}, got shape "
                           f"{(<object> x).shape}")
    s.G, s.groups, s.K, s.L = G, x.shape[0] * G, x.shape[1] // G, x.shape[2]
    s.step = max(<Py_ssize_t> 1, PIECE // max(<Py_ssize_t> 1, s.K * s.L))
    s.x = <char*> x.data
    return 0


cdef void work(Job* s):
    """Do all pieces, without the GIL if it takes long."""
    cdef Py_ssize_t size = s.groups * s.K * s.L, pieces = (s.groups + s.step - 1) // s.step
    cdef int threads = threads_for(pieces, 4 * size)
    if size < RELEASE:
        share(piece, s, pieces, threads)
    else:
        with nogil:
            share(piece, s, pieces, threads)


def group_norm_forward(cnp.ndarray x, cnp.ndarray w, cnp.ndarray b, Py_ssize_t G, double eps):
    """(y, stats)        x, y: (N, C, L)   w, b: (C,)   stats: (2, N * G), mean and rstd

    Raises RuntimeError for shapes or dtypes that do not fit."""
    cdef Job s
    cdef cnp.npy_intp[2] shape
    x = doors.in_order(x)
    prepare(&s, x, G)
    w, b = checked("weight", w, (x.shape[1],), x), checked("bias", b, (x.shape[1],), x)
    cdef cnp.ndarray y = buffers.empty_like(x, s.kind)
    shape = [2, s.groups]
    cdef cnp.ndarray stats = doors.zeros(2, shape, cnp.NPY_DOUBLE)
    s.w, s.b, s.y, s.eps, s.backward = <char*> w.data, <char*> b.data, <char*> y.data, eps, False
    s.mean = <double*> stats.data
    s.rstd = s.mean + s.groups
    if cnp.PyArray_SIZE(x):
        work(&s)
    return y, stats


def group_norm_backward(cnp.ndarray g, cnp.ndarray x, cnp.ndarray w, cnp.ndarray stats,
                        Py_ssize_t G, bint need_x):
    """(dx, dw, db), dx None if it is not needed; all else is what group_norm_forward took and gave,
    but for the gradient g, like x."""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    cdef cnp.ndarray dx = None
    x = doors.in_order(x)
    prepare(&s, x, G)
    g, w = checked("gradient", g, (<object> x).shape, x), checked("weight", w, (x.shape[1],), x)
    stats = doors.in_order(stats)
    if cnp.PyArray_TYPE(stats) != cnp.NPY_DOUBLE or cnp.PyArray_SIZE(stats) != 2 * s.groups:
        raise RuntimeError("group_norm: expected the statistics that the forward pass gave")
    s.y = NULL
    if need_x:
        dx = buffers.empty_like(x, s.kind)
        s.y = <char*> dx.data
    shape = [2, x.shape[0], x.shape[1]]
    cdef cnp.ndarray found = doors.zeros(3, shape, cnp.NPY_DOUBLE)
    s.g, s.w, s.mean, s.backward = <char*> g.data, <char*> w.data, <double*> stats.data, True
    s.rstd = s.mean + s.groups
    s.dw = <double*> found.data
    s.db = s.dw + x.shape[0] * x.shape[1]
    if cnp.PyArray_SIZE(x):
        work(&s)
    dw, db = found.sum(1).astype(x.dtype)
    return dx, dw, db
