"""The loop behind RNN: all steps of a sequence in one call, and their gradients in another."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.gemm cimport Product, gemm, multiply_packed
from plugrad.kernels.elementwise.points cimport tanh_of
from plugrad.kernels.matmul.sequences cimport Steps, checked, measure, packed, row_of, run
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

# What the threads share: a piece is some of the N sequences.
cdef struct Job:
    Steps on
    void* h                         # forward: inputs, then h
    void* h0
    void* w                         # packed
    void* gh
    void* dh                        # (N, H): dL/dh of the step at hand
    void* dx
    void* before                    # h of the step before
    bint backward, relu


cdef inline void forward(const Job* s, Py_ssize_t n, Py_ssize_t past, real* _) noexcept nogil:
    """Sequences n to past, step by step."""
    cdef Py_ssize_t H = s.on.H, t, i, j, row, last = -1, rows = s.on.sequence
    cdef real* h = <real*> s.h
    cdef real* y
    cdef Product p = Product(m=past - n, n=H, k=H, ra=H, ca=1, rb=0, cb=0, rc=H * rows, cc=1)
    for t in range(s.on.T):
        row = row_of(&s.on, t, n)
        p.ra = H if last < 0 else H * rows
        multiply_packed(<real*> s.h0 + n * H if last < 0 else h + last * H, <real*> s.w,
                        h + row * H, &p, True)
        for i in range(past - n):
            y = h + (row + i * rows) * H
            if s.relu:
                for j in range(H):
                    y[j] = <real> 0 if y[j] < 0 else y[j]
            else:
                for j in range(H):
                    y[j] = tanh_of(y[j])
        last = row


cdef inline void backward(const Job* s, Py_ssize_t n, Py_ssize_t past, real* _) noexcept nogil:
    """The same backward.  Gives in `before` the h that went into each step."""
    cdef Py_ssize_t H = s.on.H, t, i, j, at, row, last, rows = s.on.sequence
    cdef real one = 1
    cdef const real* y
    cdef const real* gh
    cdef real* dh
    cdef real* dx
    cdef Product p = Product(m=past - n, n=H, k=H, ca=1, rb=0, cb=0, ra=H * rows, rc=H, cc=1)
    for t in range(s.on.T - 1, -1, -1):
        row = row_of(&s.on, t, n)
        last = row_of(&s.on, t - 1, n)
        for i in range(past - n):
            at = row + i * rows
            memcpy(<real*> s.before + at * H,
                   <real*> s.h0 + (n + i) * H if t == 0 else <real*> s.h + (last + i * rows) * H,
                   H * sizeof(real))
            y, gh = <real*> s.h + at * H, <real*> s.gh + at * H
            dh, dx = <real*> s.dh + (n + i) * H, <real*> s.dx + at * H
            if s.relu:
                for j in range(H):
                    dx[j] = dh[j] + gh[j] if y[j] > 0 else <real> 0
            else:
                for j in range(H):
                    dx[j] = (dh[j] + gh[j]) * (one - y[j] * y[j])
        multiply_packed(<real*> s.dx + row * H, <real*> s.w, <real*> s.dh + n * H, &p, False)


cdef inline void steps(const Job* s, Py_ssize_t n, Py_ssize_t past, real* kind) noexcept nogil:
    if s.backward:
        backward(s, n, past, kind)
    else:
        forward(s, n, past, kind)


cdef void piece(void* context, Py_ssize_t number, int _) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t n = number * s.on.at_once, past = min(s.on.N, n + s.on.at_once)
    if s.on.kind == cnp.NPY_FLOAT:
        steps(s, n, past, <float*> NULL)
    else:
        steps(s, n, past, <double*> NULL)


def rnn_forward(cnp.ndarray x, cnp.ndarray h0, cnp.ndarray w, bint relu, bint batch_first,
                bint reverse):
    """h = tanh or relu of x + w h of the step before; like x

    x: (T, N, H) or, batch first, (N, T, H)   h0: (N, H)   w: (H, H)
    Raises RuntimeError for shapes or dtypes that do not fit."""
    cdef Job s
    measure("rnn", &s.on, x, 1, batch_first, reverse)
    h0 = checked("rnn", "h0", h0, (s.on.N, s.on.H), x)
    w = checked("rnn", "weight_hh", w, (s.on.H, s.on.H), x)
    cdef cnp.ndarray h = buffers.empty_like(x, s.on.kind)
    cdef cnp.ndarray weights = packed(w, s.on.H, s.on.H, 1, s.on.H)
    h[...] = x
    s.h, s.h0, s.w, s.relu, s.backward = h.data, h0.data, weights.data, relu, False
    run(piece, &s, &s.on, 1)
    return h


def rnn_backward(cnp.ndarray gh, cnp.ndarray h, cnp.ndarray h0, cnp.ndarray w, bint relu,
                 bint batch_first, bint reverse):
    """dL/dx, dL/dh0 and dL/dw from gh = dL/dh (like h)

    All else is what rnn_forward took and gave."""
    cdef Job s
    cdef cnp.npy_intp[2] shape
    cdef str door = "rnn's gradient"
    measure(door, &s.on, h, 1, batch_first, reverse)
    h = doors.in_order(h)
    gh = checked(door, "gradient", gh, (<object> h).shape, h)
    h0 = checked(door, "h0", h0, (s.on.N, s.on.H), h)
    w = checked(door, "weight_hh", w, (s.on.H, s.on.H), h)
    shape = [s.on.N, s.on.H]
    cdef cnp.ndarray dh = doors.zeros(2, shape, s.on.kind)
    cdef cnp.ndarray dx = buffers.empty_like(h, s.on.kind)
    cdef cnp.ndarray before = buffers.empty_like(h, s.on.kind)
    cdef cnp.ndarray weights = packed(w, s.on.H, s.on.H, s.on.H, 1)
    s.h, s.h0, s.w, s.gh, s.dh = h.data, h0.data, weights.data, gh.data, dh.data
    s.dx, s.before, s.relu, s.backward = dx.data, before.data, relu, True
    run(piece, &s, &s.on, 1)
    return dx, dh, gemm(dx.reshape(-1, s.on.H).T, before.reshape(-1, s.on.H))
