"""The forward-backward algorithm behind CTCLoss (Graves et al., 2006).

A label sequence of S labels becomes L = 2 S + 1 states: blank, label, blank, ..., label, blank.
Between two steps a path stays, goes on to the next state or jumps over a blank between different
labels.  a[t, s] is the log-probability of all paths that are at state s at step t, up to there,
b[t, s] that of all their ends.  Both are double whatever the dtype: over a long sequence they add
up to thousands, of which float32 keeps too few decimals."""

import numpy as np

cimport numpy as cnp
from libc.math cimport INFINITY, NAN, exp, log
from libc.stdint cimport int64_t

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

# What the threads share: a piece is one of the N sequences.
cdef struct Job:
    Py_ssize_t T, N, C, most       # most: states of the longest label sequence
    int64_t blank
    int64_t* labels                # all label sequences, one after another
    int64_t* start                 # of each sequence, in labels
    int64_t* steps                 # of each sequence, up to T
    int64_t* count                 # of labels of each sequence
    void* x                        # (T, N, C)
    double* a                      # (N, T, most)
    double* loss                   # (N,)
    double* b                      # backward: (threads, 2, most)
    void* g                        # backward: (N,)
    void* dx                       # backward: (T, N, C), zeros at first
    bint zero_infinity
    int kind


cdef inline double plus(double x, double y, double z) noexcept nogil:
    """log(exp(x) + exp(y) + exp(z))"""
    cdef double top = max(x, y, z)
    if top == -INFINITY:
        return top
    return top + log(exp(x - top) + exp(y - top) + exp(z - top))


cdef inline int64_t label(const Job* s, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
    """The class of state i."""
    return s.labels[s.start[n] + i // 2] if i % 2 else s.blank


cdef inline bint jumps(const Job* s, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
    """Whether a path may go from state i - 2 to state i."""
    return i % 2 and i > 1 and label(s, n, i) != label(s, n, i - 2)


cdef inline void forward(const Job* s, Py_ssize_t n, const real* x) noexcept nogil:
    """a of every step, and the loss."""
    cdef Py_ssize_t L = 2 * s.count[n] + 1, T = s.steps[n], t, i
    cdef double* a = s.a + n * s.T * s.most
    cdef double* before
    if T == 0:
        s.loss[n] = 0 if L == 1 else INFINITY
        return
    x += n * s.C
    for i in range(L):
        a[i] = x[label(s, n, i)] if i < 2 else -INFINITY
    for t in range(1, T):
        before, a, x = a, a + s.most, x + s.N * s.C
        for i in range(L):
            if i > 2 * t + 1 or i < L - 2 * (T - t):       # too far from the first or the last
                a[i] = -INFINITY
                continue
            a[i] = x[label(s, n, i)] + plus(before[i], before[i - 1] if i > 0 else -INFINITY,
                                            before[i - 2] if jumps(s, n, i) else -INFINITY)
    s.loss[n] = -plus(a[L - 1], a[L - 2] if L > 1 else -INFINITY, -INFINITY)


cdef inline void backward(const Job* s, Py_ssize_t n, const real* x, double* b) noexcept nogil:
    """dx[t, c] = -g * the probability that a path is at a state of class c at step t."""
    cdef Py_ssize_t L = 2 * s.count[n] + 1, T = s.steps[n], row = s.N * s.C, t, i
    cdef double* a = s.a + (n * s.T + T - 1) * s.most
    cdef double* after = b + s.most
    cdef double g = (<real*> s.g)[n], sum
    cdef real* dx = <real*> s.dx + n * s.C + (T - 1) * row
    x += n * s.C + (T - 1) * row
    if s.loss[n] == INFINITY:
        if not s.zero_infinity:
            for t in range(T):
                for i in range(s.C):
                    dx[i - t * row] = <real> NAN
        return
    for t in range(T - 1, -1, -1):
        for i in range(L):
            if a[i] == -INFINITY:              # no path comes here
                b[i] = -INFINITY
                continue
            if t == T - 1:
                sum = 0 if i >= L - 2 else -INFINITY
            else:                              # after: b of the next step, with its probabilities
                sum = plus(after[i], after[i + 1] if i + 1 < L else -INFINITY,
                           after[i + 2] if i + 2 < L and jumps(s, n, i + 2) else -INFINITY)
            dx[label(s, n, i)] -= <real> (g * exp(a[i] + sum + s.loss[n]))
            b[i] = sum + x[label(s, n, i)]
        b, after = after, b
        a, x, dx = a - s.most, x - row, dx - row


cdef void one_forward(void* context, Py_ssize_t n, int _) noexcept nogil:
    cdef Job* s = <Job*> context
    if s.kind == cnp.NPY_FLOAT:
        forward(s, n, <float*> s.x)
    else:
        forward(s, n, <double*> s.x)


cdef void one_backward(void* context, Py_ssize_t n, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef double* b = s.b + thread * 2 * s.most
    if s.kind == cnp.NPY_FLOAT:
        backward(s, n, <float*> s.x, b)
    else:
        backward(s, n, <double*> s.x, b)


cdef int measure(Job* s, cnp.ndarray x, cnp.ndarray labels, cnp.ndarray start, cnp.ndarray steps,
                 cnp.ndarray count, Py_ssize_t blank) except -1:
    """Fill in s.  Raises RuntimeError for what would lead outside of an array: callers check
    first, in their own words."""
    s.kind = doors.floating("ctc", "log_probs", x, x)
    s.T, s.N, s.C, s.blank = x.shape[0], x.shape[1], x.shape[2], blank
    for a in (labels, start, steps, count):
        if a.dtype != np.int64 or not a.flags.c_contiguous:
            raise RuntimeError("ctc: expected labels and lengths of int64, in order")
    for a in (start, steps, count):
        if (<object> a).shape != (s.N,):
            raise RuntimeError(f"ctc: expected lengths of shape ({s.N},), got {(<object> a).shape}")
    if not (0 <= blank < s.C and steps.min(initial=0) >= 0 and steps.max(initial=0) <= s.T
            and start.min(initial=0) >= 0 and count.min(initial=0) >= 0
            and (start + count).max(initial=0) <= len(labels)
            and labels.min(initial=0) >= 0 and labels.max(initial=0) < s.C):
        raise RuntimeError("ctc: a label, a length or the blank is out of range")
    s.labels, s.start = <int64_t*> labels.data, <int64_t*> start.data
    s.steps, s.count = <int64_t*> steps.data, <int64_t*> count.data
    s.x = x.data
    s.most = 2 * count.max(initial=0) + 1
    return 0


def ctc_forward(cnp.ndarray x, cnp.ndarray labels, cnp.ndarray start, cnp.ndarray steps,
                cnp.ndarray count, Py_ssize_t blank):
    """(losses, a) of every sequence

    x: log-probabilities (T, N, C)   labels: int64, sequence n from start[n], count[n] of them
    steps: up to T, of each sequence   losses: float64 (N,), inf if no path fits
    a: what ctc_backward needs"""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    x = doors.in_order(x)
    measure(&s, x, labels, start, steps, count, blank)
    shape = [s.N, s.T, s.most]
    cdef cnp.ndarray a = buffers.empty(3, shape, cnp.NPY_DOUBLE)
    cdef cnp.ndarray loss = buffers.empty(1, shape, cnp.NPY_DOUBLE)
    s.a, s.loss = <double*> a.data, <double*> loss.data
    cdef int threads = threads_for(s.N, s.N * s.T * s.most * 8)
    with nogil:
        share(one_forward, &s, s.N, threads)
    return loss, a


def ctc_backward(cnp.ndarray g, cnp.ndarray loss, cnp.ndarray a, cnp.ndarray x, cnp.ndarray labels,
                 cnp.ndarray start, cnp.ndarray steps, cnp.ndarray count, Py_ssize_t blank,
                 bint zero_infinity):
    """dL/dx from g = dL/dlosses (N,)

    All else is what ctc_forward took and gave.   For an infinite loss NaN, with zero_infinity 0."""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    x, g = doors.in_order(x), doors.in_order(g)
    measure(&s, x, labels, start, steps, count, blank)
    doors.floating("ctc's gradient", "log_probs and gradient", x, g)
    if ((<object> g).shape != (s.N,) or (<object> loss).shape != (s.N,)
            or (<object> a).shape != (s.N, s.T, s.most)):
        raise RuntimeError(f"ctc's gradient: expected shape ({s.N},), got {(<object> g).shape}")
    cdef int threads = threads_for(s.N, s.N * s.T * s.most * 12)
    shape = [s.T, s.N, s.C]
    cdef cnp.ndarray dx = doors.zeros(3, shape, s.kind)
    shape = [threads, 2, s.most]
    cdef cnp.ndarray b = buffers.empty(3, shape, cnp.NPY_DOUBLE)
    s.g, s.dx, s.b, s.zero_infinity = g.data, dx.data, <double*> b.data, zero_infinity
    s.a, s.loss = <double*> a.data, <double*> loss.data
    with nogil:
        share(one_backward, &s, s.N, threads)
    return dx
