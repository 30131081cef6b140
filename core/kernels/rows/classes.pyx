"""What losses over classes do with labels: check them, pick scores by them, and cross entropy."""

cimport numpy as cnp
from libc.math cimport log
from libc.stdint cimport int32_t, int64_t, uint8_t

from plugrad.kernels.base cimport buffers
from plugrad.kernels.base.doors cimport in_order, zeros
from plugrad.kernels.rows.rowwise cimport exps, largest, less, tile_of, times, total
from plugrad.kernels.strides.strides cimport RELEASE
from plugrad.kernels.base.threads cimport piece_t, share, threads_for
from plugrad.kernels.base.typenums cimport INT32, INT64, UINT8, integer, real, slot

cnp.import_array()

cdef enum:
    COST = 8                # how many additions an element of cross entropy costs, roughly


# ------------------------------------------------------------------------------------------- labels

cdef bint convert(
        const integer* label, int64_t* at, Py_ssize_t n, Py_ssize_t C, long long ignore_index,
        Py_ssize_t* count) noexcept nogil:
    """at = label, or IGNORED; the count of the others.  False if a label is no class."""
    cdef Py_ssize_t i
    cdef int64_t t
    count[0] = n
    for i in range(n):
        t = <int64_t> label[i]
        if t == ignore_index:
            at[i] = IGNORED
            count[0] -= 1
        elif 0 <= t < C:
            at[i] = t
        else:
            return False
    return True


cdef double weigh(const int64_t* at, const real* weight, real* w, Py_ssize_t n) noexcept nogil:
    """w = weight[at], 0 where nothing counts; their sum."""
    cdef Py_ssize_t i
    cdef double sum = 0
    for i in range(n):
        w[i] = weight[at[i]] if at[i] != IGNORED else 0
        sum += w[i]
    return sum


cdef class Labels:
    """The labels of examples, checked and ready to choose among C classes."""


cdef Labels labels(
        cnp.ndarray target, Py_ssize_t C, cnp.ndarray weight, long long ignore_index, int typenum):
    """Labels (), (M,) or (M, ...) for scores (C,), (M, C) or (M, C, ...) of dtype `typenum`; weight
    is None or (C,) of that dtype.  None if a label is neither in [0, C) nor ignore_index."""
    cdef Labels y = Labels.__new__(Labels)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(target), count = 0
    cdef int kind = slot(target)
    cdef bint fine = False
    cdef void* label
    cdef int64_t* at
    target = in_order(target)
    y.M = cnp.PyArray_DIM(target, 0) if cnp.PyArray_NDIM(target) > 0 else 1
    y.L = n / y.M if y.M > 0 else 0
    y.C = C
    y.at = buffers.empty_like(target, cnp.NPY_INT64)
    label, at = cnp.PyArray_DATA(target), <int64_t*> cnp.PyArray_DATA(y.at)
    if kind == INT64:
        fine = convert(<int64_t*> label, at, n, C, ignore_index, &count)
    elif kind == INT32:
        fine = convert(<int32_t*> label, at, n, C, ignore_index, &count)
    elif kind == UINT8:
        fine = convert(<uint8_t*> label, at, n, C, ignore_index, &count)
    if not fine:
        return None
    y.total = count
    if weight is not None:
        weight = in_order(weight)
        y.weight = buffers.empty_like(target, typenum)
        if typenum == cnp.NPY_FLOAT:
            y.total = weigh(at, <float*> cnp.PyArray_DATA(weight),
                            <float*> cnp.PyArray_DATA(y.weight), n)
        else:
            y.total = weigh(at, <double*> cnp.PyArray_DATA(weight),
                            <double*> cnp.PyArray_DATA(y.weight), n)
    return y


# --------------------------------------------------------------------- cross entropy of rows (M, C)

cdef struct Work:
    void* x                 # scores, or probabilities
    void* y                 # probabilities, or gradients of scores
    void* losses            # of each example, or their gradients
    void* weight            # of each example, or NULL
    int64_t* at
    Py_ssize_t M, C, rows
    Py_ssize_t each         # 1, or 0 if all examples have one gradient
    double scale


cdef void forward_rows(
        real* x, const int64_t* at, const real* weight,             # IN  (rows, C), (rows,)
        real* p, real* losses,                                      # OUT (rows, C), (rows,)
        Py_ssize_t rows, Py_ssize_t C) noexcept nogil:
    """p = softmax(x);  losses = -weight * log(p[at])"""
    cdef Py_ssize_t i
    cdef double sum
    for i in range(rows):
        less(x + i * C, p + i * C, largest(x + i * C, C), C)
        losses[i] = p[i * C + at[i]] if at[i] != IGNORED else 0
    exps(p, p, rows * C)
    for i in range(rows):
        sum = total(p + i * C, C)
        times(p + i * C, <real> (1 / sum), C)
        if at[i] != IGNORED:
            losses[i] = <real> log(sum) - losses[i]
            if weight != NULL:
                losses[i] *= weight[i]


cdef void backward_rows(
        const real* p, const int64_t* at, const real* weight, const real* g, Py_ssize_t each,
        real* dx, Py_ssize_t rows, Py_ssize_t C, double scale) noexcept nogil:
    """dx = (p - onehot(at)) * weight * g * scale"""
    cdef Py_ssize_t i, j
    cdef real s
    for i in range(rows):
        s = <real> (g[i * each] * scale)
        if weight != NULL:
            s *= weight[i]
        if at[i] == IGNORED:
            for j in range(C):
                dx[j] = 0
        else:
            for j in range(C):
                dx[j] = p[j] * s
            dx[at[i]] = (p[at[i]] - 1) * s
        p += C
        dx += C


cdef void forward_piece(Work* w, Py_ssize_t i, real* like) noexcept nogil:
    cdef Py_ssize_t first = i * w.rows
    cdef real* weight = NULL if w.weight == NULL else <real*> w.weight + first
    forward_rows(<real*> w.x + first * w.C, w.at + first, weight, <real*> w.y + first * w.C,
                 <real*> w.losses + first, min(w.rows, w.M - first), w.C)


cdef void backward_piece(Work* w, Py_ssize_t i, real* like) noexcept nogil:
    cdef Py_ssize_t first = i * w.rows
    cdef real* weight = NULL if w.weight == NULL else <real*> w.weight + first
    backward_rows(<real*> w.x + first * w.C, w.at + first, weight,
                  <real*> w.losses + first * w.each, w.each, <real*> w.y + first * w.C,
                  min(w.rows, w.M - first), w.C, w.scale)


cdef void float_forward(void* w, Py_ssize_t i, int thread) noexcept nogil:
    forward_piece(<Work*> w, i, <float*> NULL)


cdef void double_forward(void* w, Py_ssize_t i, int thread) noexcept nogil:
    forward_piece(<Work*> w, i, <double*> NULL)


cdef void float_backward(void* w, Py_ssize_t i, int thread) noexcept nogil:
    backward_piece(<Work*> w, i, <float*> NULL)


cdef void double_backward(void* w, Py_ssize_t i, int thread) noexcept nogil:
    backward_piece(<Work*> w, i, <double*> NULL)


cdef void run(Work* w, piece_t task, cnp.ndarray x, cnp.ndarray y, cnp.ndarray losses,
              Labels labels) noexcept:
    """All rows of the work, on several threads where that is worth it."""
    cdef Py_ssize_t pieces, size = cnp.PyArray_SIZE(x)
    cdef int threads
    w.x, w.y, w.losses = cnp.PyArray_DATA(x), cnp.PyArray_DATA(y), cnp.PyArray_DATA(losses)
    w.weight = NULL if labels.weight is None else cnp.PyArray_DATA(labels.weight)
    w.at = <int64_t*> cnp.PyArray_DATA(labels.at)
    w.M, w.C, w.rows = labels.M, labels.C, tile_of(labels.C)
    pieces = (w.M + w.rows - 1) / w.rows if size > 0 else 0
    if size <= RELEASE:
        share(task, w, pieces, 1)
    else:
        with nogil:
            threads = threads_for(pieces, size * COST)
            share(task, w, pieces, threads)


cdef tuple entropy(cnp.ndarray x, Labels labels):
    """(softmax(x), the loss of each example) for scores (M, C) or (C,), float32 or float64."""
    cdef Work w
    cdef cnp.ndarray p, losses
    cdef int kind = cnp.PyArray_TYPE(x)
    x = in_order(x)
    p, losses = buffers.empty_like(x, kind), buffers.empty_like(labels.at, kind)
    run(&w, float_forward if kind == cnp.NPY_FLOAT else double_forward, x, p, losses, labels)
    return p, losses


cdef cnp.ndarray entropy_grad(cnp.ndarray p, cnp.ndarray g, Labels labels, double scale):
    """The gradient of the scores: (p - onehot) * weight * g * scale, g for all or for each."""
    cdef Work w
    cdef int kind = cnp.PyArray_TYPE(p)
    cdef cnp.ndarray dx = buffers.empty_like(p, kind)
    w.each, w.scale = cnp.PyArray_NDIM(g) > 0, scale
    run(&w, float_backward if kind == cnp.NPY_FLOAT else double_backward, in_order(p), dx,
        in_order(g), labels)
    return dx


# --------------------------------------------------------- picking from log-probabilities (M, C, L)

cdef void pick_loop(
        const real* log_p, const int64_t* at, const real* weight, real* losses,
        Py_ssize_t M, Py_ssize_t C, Py_ssize_t L) noexcept nogil:
    """losses[m, l] = -weight[m, l] * log_p[m, at[m, l], l], 0 where nothing counts"""
    cdef Py_ssize_t m, i
    for m in range(M):
        for i in range(m * L, m * L + L):
            losses[i] = 0
            if at[i] != IGNORED:
                losses[i] = -log_p[m * C * L + at[i] * L + i - m * L]
                if weight != NULL:
                    losses[i] *= weight[i]


cdef void put_loop(
        const real* g, Py_ssize_t each, const int64_t* at, const real* weight, double scale,
        real* d, Py_ssize_t M, Py_ssize_t C, Py_ssize_t L) noexcept nogil:
    """d[m, at[m, l], l] = -weight[m, l] * g[m, l] * scale, into zeros"""
    cdef Py_ssize_t m, i
    cdef real s
    for m in range(M):
        for i in range(m * L, m * L + L):
            if at[i] != IGNORED:
                s = <real> (-g[i * each] * scale)
                if weight != NULL:
                    s *= weight[i]
                d[m * C * L + at[i] * L + i - m * L] = s


cdef void* weights(Labels labels) noexcept:
    return NULL if labels.weight is None else cnp.PyArray_DATA(labels.weight)


cdef cnp.ndarray pick(cnp.ndarray log_p, Labels labels):
    """-weight * log_p[label] for each example; float32 or float64."""
    cdef int kind = cnp.PyArray_TYPE(log_p)
    cdef cnp.ndarray out = buffers.empty_like(labels.at, kind)
    cdef int64_t* at = <int64_t*> cnp.PyArray_DATA(labels.at)
    log_p = in_order(log_p)
    if kind == cnp.NPY_FLOAT:
        pick_loop(<float*> cnp.PyArray_DATA(log_p), at, <float*> weights(labels),
                  <float*> cnp.PyArray_DATA(out), labels.M, labels.C, labels.L)
    else:
        pick_loop(<double*> cnp.PyArray_DATA(log_p), at, <double*> weights(labels),
                  <double*> cnp.PyArray_DATA(out), labels.M, labels.C, labels.L)
    return out


cdef cnp.ndarray put(
        cnp.ndarray g, Labels labels, double scale, int ndim, cnp.npy_intp* shape):
    """The gradient of log_p, which has this shape, from g, one for all or one for each example."""
    cdef int kind = cnp.PyArray_TYPE(g)
    cdef cnp.ndarray out = zeros(ndim, shape, kind)
    cdef int64_t* at = <int64_t*> cnp.PyArray_DATA(labels.at)
    cdef Py_ssize_t each = cnp.PyArray_NDIM(g) > 0
    g = in_order(g)
    if kind == cnp.NPY_FLOAT:
        put_loop(<float*> cnp.PyArray_DATA(g), each, at, <float*> weights(labels), scale,
                 <float*> cnp.PyArray_DATA(out), labels.M, labels.C, labels.L)
    else:
        put_loop(<double*> cnp.PyArray_DATA(g), each, at, <double*> weights(labels), scale,
                 <double*> cnp.PyArray_DATA(out), labels.M, labels.C, labels.L)
    return out
