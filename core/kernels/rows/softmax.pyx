"""Softmax and log-softmax along one axis, and their gradients, in one pass through memory.

An array is seen as (outer, n, inner) around its axis of size n.  With inner = 1 a piece of work is
a few whole rows, small enough for the first-level cache; else it is a panel of n short rows."""

cimport numpy as cnp
from libc.math cimport log

from plugrad.kernels.base cimport buffers
from plugrad.kernels.base.doors cimport floating, in_order
from plugrad.kernels.rows.rowwise cimport (
    CHUNK, dot, exps, largest, less, tile_of, times, total,
)
from plugrad.kernels.strides.strides cimport RELEASE, same_shape
from plugrad.kernels.base.threads cimport piece_t, share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    WIDTH = 64              # columns of a panel
    COST = 8                # how many additions an element costs, roughly

# Pieces of one call.  a is x, or g with b = y.
cdef struct Work:
    void* a
    void* b
    void* out
    Py_ssize_t outer, n, inner, rows, panels
    Form kind
    bint backward


# ---------------------------------------------------------------------- rows: (rows, n), contiguous

cdef void forward_rows(real* x, real* y, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    """y = exp(x - max) / sum"""
    cdef Py_ssize_t i
    for i in range(rows):
        less(x + i * n, y + i * n, largest(x + i * n, n), n)
    exps(y, y, rows * n)
    for i in range(rows):
        times(y + i * n, <real> (1 / total(y + i * n, n)), n)


cdef void log_forward_rows(real* x, real* y, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    """y = x - max - log(sum)"""
    cdef real scratch[CHUNK]
    cdef Py_ssize_t i, j, m
    cdef double sum
    for i in range(rows):
        less(x + i * n, y + i * n, largest(x + i * n, n), n)
    if n <= CHUNK:
        exps(y, scratch, rows * n)
        for i in range(rows):
            less(y + i * n, y + i * n, <real> log(total(scratch + i * n, n)), n)
        return
    for i in range(rows):
        sum = 0
        for j from 0 <= j < n by CHUNK:
            m = min(n - j, <Py_ssize_t> CHUNK)
            exps(y + i * n + j, scratch, m)
            sum += total(scratch, m)
        less(y + i * n, y + i * n, <real> log(sum), n)


cdef void grad_rows(real* g, real* y, real* dx, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    """dx = y * (g - sum(g * y))"""
    cdef Py_ssize_t i, j
    cdef real s
    for i from 0 <= i < rows * n by n:
        s = <real> dot(g + i, y + i, n)
        for j in range(i, i + n):
            dx[j] = y[j] * (g[j] - s)


cdef void log_grad_rows(real* g, real* y, real* dx, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    """dx = g - exp(y) * sum(g)"""
    cdef Py_ssize_t i, j
    cdef real s
    exps(y, dx, rows * n)
    for i from 0 <= i < rows * n by n:
        s = <real> total(g + i, n)
        for j in range(i, i + n):
            dx[j] = g[j] - dx[j] * s


# ---------------------------------------------------- panels: w of `inner` columns, n rows, strided

cdef void forward_panel(
        Form kind, real* x, real* y, Py_ssize_t n, Py_ssize_t inner, Py_ssize_t w,
        ) noexcept nogil:
    cdef real top[WIDTH]
    cdef real scratch[WIDTH]
    cdef double sum[WIDTH]
    cdef real* e
    cdef Py_ssize_t i, j
    for j in range(w):
        top[j] = x[j]
        sum[j] = 0
    for i from inner <= i < n * inner by inner:
        for j in range(w):
            top[j] = x[i + j] if x[i + j] > top[j] else top[j]
    for i from 0 <= i < n * inner by inner:
        for j in range(w):
            y[i + j] = x[i + j] - top[j]
        e = y + i if kind == PLAIN else &scratch[0]
        exps(y + i, e, w)
        for j in range(w):
            sum[j] += e[j]
    for j in range(w):
        top[j] = <real> (log(sum[j]) if kind == LOG else 1 / sum[j])
    for i from 0 <= i < n * inner by inner:
        for j in range(w):
            y[i + j] = y[i + j] - top[j] if kind == LOG else y[i + j] * top[j]


cdef void grad_panel(
        Form kind, real* g, real* y, real* dx, Py_ssize_t n, Py_ssize_t inner, Py_ssize_t w,
        ) noexcept nogil:
    cdef double sum[WIDTH]
    cdef Py_ssize_t i, j
    for j in range(w):
        sum[j] = 0
    for i from 0 <= i < n * inner by inner:
        for j in range(w):
            sum[j] += g[i + j] if kind == LOG else g[i + j] * y[i + j]
    for i from 0 <= i < n * inner by inner:
        if kind == LOG:
            exps(y + i, dx + i, w)
            for j in range(w):
                dx[i + j] = g[i + j] - dx[i + j] * <real> sum[j]
        else:
            for j in range(w):
                dx[i + j] = y[i + j] * (g[i + j] - <real> sum[j])


# ------------------------------------------------------------------------------------------- pieces

cdef void piece(Work* w, Py_ssize_t i, real* like) noexcept nogil:
    """Piece i of the work; `like` only names the dtype."""
    cdef Py_ssize_t at, rows, width
    cdef real* a = <real*> w.a
    cdef real* b = <real*> w.b
    cdef real* out = <real*> w.out
    if w.inner == 1:
        rows = min(w.rows, w.outer - i * w.rows)
        at = i * w.rows * w.n
        if w.backward and w.kind == LOG:
            log_grad_rows(a + at, b + at, out + at, rows, w.n)
        elif w.backward:
            grad_rows(a + at, b + at, out + at, rows, w.n)
        elif w.kind == LOG:
            log_forward_rows(a + at, out + at, rows, w.n)
        else:
            forward_rows(a + at, out + at, rows, w.n)
    else:
        at = i % w.panels * WIDTH
        width = min(<Py_ssize_t> WIDTH, w.inner - at)
        at += i / w.panels * w.n * w.inner
        if w.backward:
            grad_panel(w.kind, a + at, b + at, out + at, w.n, w.inner, width)
        else:
            forward_panel(w.kind, a + at, out + at, w.n, w.inner, width)


cdef void float_piece(void* work, Py_ssize_t i, int thread) noexcept nogil:
    piece(<Work*> work, i, <float*> NULL)


cdef void double_piece(void* work, Py_ssize_t i, int thread) noexcept nogil:
    piece(<Work*> work, i, <double*> NULL)


cdef cnp.ndarray run(Work* w, cnp.ndarray a, cnp.ndarray b, int axis):
    """The array of all pieces, in the shape of a; b is None or of that shape."""
    cdef cnp.ndarray out = buffers.empty_like(a, cnp.PyArray_TYPE(a))
    cdef piece_t task = float_piece if cnp.PyArray_TYPE(a) == cnp.NPY_FLOAT else double_piece
    cdef Py_ssize_t pieces, size = cnp.PyArray_SIZE(a)
    cdef int i, threads
    if size == 0:
        return out
    w.outer = w.n = w.inner = 1
    for i in range(cnp.PyArray_NDIM(a)):
        if i < axis:
            w.outer *= cnp.PyArray_DIM(a, i)
        elif i == axis:
            w.n = cnp.PyArray_DIM(a, i)
        else:
            w.inner *= cnp.PyArray_DIM(a, i)
    w.rows = tile_of(w.n)
    w.panels = (w.inner + WIDTH - 1) / WIDTH
    w.a, w.out = cnp.PyArray_DATA(a), cnp.PyArray_DATA(out)
    w.b = NULL if b is None else cnp.PyArray_DATA(b)
    pieces = (w.outer + w.rows - 1) / w.rows if w.inner == 1 else w.outer * w.panels
    if size <= RELEASE:
        share(task, w, pieces, 1)
    else:
        with nogil:
            threads = threads_for(pieces, size * COST)
            share(task, w, pieces, threads)
    return out


# -------------------------------------------------------------------------------------------- doors

cdef int check(cnp.ndarray a) except -1:
    if cnp.PyArray_TYPE(a) != cnp.NPY_FLOAT and cnp.PyArray_TYPE(a) != cnp.NPY_DOUBLE:
        raise NotImplementedError(f"softmax: expected float32 or float64, got {a.dtype}; convert "
                                  "it first")
    return 0


cpdef cnp.ndarray softmax(Form kind, cnp.ndarray x, int axis):
    """exp(x) / sum(exp(x)) along an axis counted from the front, or with LOG its logarithm."""
    cdef Work w
    check(x)
    w.kind, w.backward = kind, False
    return run(&w, in_order(x), None, axis)


cpdef cnp.ndarray softmax_grad(Form kind, cnp.ndarray g, cnp.ndarray y, int axis):
    """The gradient of x from the gradient g of y = softmax(kind, x, axis)."""
    cdef Work w
    if floating("softmax_grad", "g and y", g, y) and not same_shape(g, y):
        raise RuntimeError(f"softmax_grad: expected g and y of one shape, got {(<object> g).shape} "
                           f"and {(<object> y).shape}")
    w.kind, w.backward = kind, True
    return run(&w, in_order(g), in_order(y), axis)
