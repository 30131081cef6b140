"""The loop behind LSTM: all steps of a sequence in one call, and their gradients in another.

A sequence's gates are (T, N, 4H), or (N, T, 4H) with batch first: input, forget, cell and output
gate side by side."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.gemm cimport Product, gemm, multiply_packed
from plugrad.kernels.elementwise.points cimport sigmoid_of, tanh_of
from plugrad.kernels.matmul.sequences cimport Steps, checked, measure, packed, row_of, run
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

# What the threads share: a piece is some of the N sequences.
cdef struct Job:
    Steps on
    void* gates                     # forward: inputs, then gates
    void* cells
    void* tanhs
    void* h
    void* h0
    void* c0
    void* w                         # packed
    void* gh
    void* dh                        # (N, H): dL/dh, and dL/dc, of the step at hand
    void* dc
    void* dgates
    void* before                    # h of the step before
    bint backward


# ----------------------------------------------------------------------------------------- one step

cdef inline void open_gates(real* gates,                           # IN and OUT (4H,)
                            const real* c_before,                  # IN  (H,)
                            real* c, real* tanh_c, real* h,        # OUT (H,)
                            Py_ssize_t H) noexcept nogil:
    """c = f * c_before + i * g,   h = o * tanh(c)"""
    cdef Py_ssize_t j
    for j in range(2 * H):
        gates[j] = sigmoid_of(gates[j])
    for j in range(2 * H, 3 * H):
        gates[j] = tanh_of(gates[j])
    for j in range(3 * H, 4 * H):
        gates[j] = sigmoid_of(gates[j])
    for j in range(H):
        c[j] = gates[H + j] * c_before[j] + gates[j] * gates[2 * H + j]
    for j in range(H):
        tanh_c[j] = tanh_of(c[j])
        h[j] = gates[3 * H + j] * tanh_c[j]


cdef inline void close_gates(const real* gates,                    # IN  (4H,)
                             const real* c_before, const real* tanh_c, const real* gh,
                             real* dh, real* dc,                   # IN and OUT (H,)
                             real* dgates,                         # OUT (4H,)
                             Py_ssize_t H) noexcept nogil:
    """The gradients of what went into the gates, and of c_before in dc's place.  Loops that write
    one array each: the compiler makes vectors of them."""
    cdef Py_ssize_t j
    cdef real one = 1
    cdef const real* i = gates
    cdef const real* f = gates + H
    cdef const real* g = gates + 2 * H
    cdef const real* o = gates + 3 * H
    for j in range(H):
        dh[j] += gh[j]
    for j in range(H):
        dgates[3 * H + j] = dh[j] * tanh_c[j] * o[j] * (one - o[j])
    for j in range(H):
        dc[j] += dh[j] * o[j] * (one - tanh_c[j] * tanh_c[j])
    for j in range(H):
        dgates[j] = dc[j] * g[j] * i[j] * (one - i[j])
    for j in range(H):
        dgates[H + j] = dc[j] * c_before[j] * f[j] * (one - f[j])
    for j in range(H):
        dgates[2 * H + j] = dc[j] * i[j] * (one - g[j] * g[j])
    for j in range(H):
        dc[j] *= f[j]


# ---------------------------------------------------------------------------------------- all steps

cdef inline void forward(const Job* s, Py_ssize_t n, Py_ssize_t past, real* _) noexcept nogil:
    """Sequences n to past, step by step."""
    cdef Py_ssize_t H = s.on.H, t, i, row, last = -1, rows = s.on.sequence
    cdef real* gates = <real*> s.gates
    cdef real* cells = <real*> s.cells
    cdef real* h = <real*> s.h
    cdef Product p = Product(m=past - n, n=4 * H, k=H, ra=H, ca=1, rb=0, cb=0, rc=4 * H * rows,
                             cc=1)
    for t in range(s.on.T):
        row = row_of(&s.on, t, n)
        p.ra = H if last < 0 else H * rows
        multiply_packed(<real*> s.h0 + n * H if last < 0 else h + last * H, <real*> s.w,
                        gates + row * 4 * H, &p, True)
        for i in range(past - n):
            open_gates(gates + (row + i * rows) * 4 * H,
                       <real*> s.c0 + (n + i) * H if last < 0 else cells + (last + i * rows) * H,
                       cells + (row + i * rows) * H, <real*> s.tanhs + (row + i * rows) * H,
                       h + (row + i * rows) * H, H)
        last = row


cdef inline void backward(const Job* s, Py_ssize_t n, Py_ssize_t past, real* _) noexcept nogil:
    """The same backward.  Gives in `before` the h that went into each step."""
    cdef Py_ssize_t H = s.on.H, t, i, j, at, row, last, rows = s.on.sequence
    cdef real* gates = <real*> s.gates
    cdef real* tanhs = <real*> s.tanhs
    cdef real* dgates = <real*> s.dgates
    cdef real* before
    cdef Product p = Product(m=past - n, n=H, k=4 * H, ca=1, rb=0, cb=0, ra=4 * H * rows, rc=H,
                             cc=1)
    for t in range(s.on.T - 1, -1, -1):
        row = row_of(&s.on, t, n)
        last = row_of(&s.on, t - 1, n)
        for i in range(past - n):
            at = row + i * rows
            before = <real*> s.before + at * H
            if t == 0:
                memcpy(before, <real*> s.h0 + (n + i) * H, H * sizeof(real))
            else:
                for j in range(H):
                    before[j] = gates[(last + i * rows) * 4 * H + 3 * H + j] * (
                        tanhs[(last + i * rows) * H + j])
            close_gates(gates + at * 4 * H,
                        <real*> s.c0 + (n + i) * H if t == 0
                        else <real*> s.cells + (last + i * rows) * H,
                        tanhs + at * H, <real*> s.gh + at * H, <real*> s.dh + (n + i) * H,
                        <real*> s.dc + (n + i) * H, dgates + at * 4 * H, H)
        multiply_packed(dgates + row * 4 * H, <real*> s.w, <real*> s.dh + n * H, &p, False)


cdef void piece(void* context, Py_ssize_t number, int _) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t n = number * s.on.at_once, past = min(s.on.N, n + s.on.at_once)
    if s.on.kind == cnp.NPY_FLOAT:
        if s.backward:
            backward(s, n, past, <float*> NULL)
        else:
            forward(s, n, past, <float*> NULL)
    else:
        if s.backward:
            backward(s, n, past, <double*> NULL)
        else:
            forward(s, n, past, <double*> NULL)


# ------------------------------------------------------------------------------------------- doors

def lstm_forward(cnp.ndarray x, cnp.ndarray h0, cnp.ndarray c0, cnp.ndarray w, bint batch_first,
                 bint reverse):
    """h and the last c, and what the gradients need: gates, cells, tanh of the cells

    x, what the gates get beside w h: (T, N, 4H) or, batch first, (N, T, 4H)   h0, c0: (N, H)
    w: (4H, H)   h, cells, tanhs: like x with H   Raises RuntimeError for shapes or dtypes that do
    not fit."""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    measure("lstm", &s.on, x, 4, batch_first, reverse)
    h0 = checked("lstm", "h0", h0, (s.on.N, s.on.H), x)
    c0 = checked("lstm", "c0", c0, (s.on.N, s.on.H), x)
    w = checked("lstm", "weight_hh", w, (4 * s.on.H, s.on.H), x)
    cdef cnp.ndarray gates = buffers.empty_like(x, s.on.kind)
    cdef cnp.ndarray weights = packed(w, s.on.H, 4 * s.on.H, 1, s.on.H)
    gates[...] = x
    shape = [x.shape[0], x.shape[1], s.on.H]
    cdef cnp.ndarray h = buffers.empty(3, shape, s.on.kind)
    cdef cnp.ndarray cells = buffers.empty(3, shape, s.on.kind)
    cdef cnp.ndarray tanhs = buffers.empty(3, shape, s.on.kind)
    s.gates, s.cells, s.tanhs, s.h = gates.data, cells.data, tanhs.data, h.data
    s.h0, s.c0, s.w, s.backward = h0.data, c0.data, weights.data, False
    run(piece, &s, &s.on, 4)
    last = 0 if reverse else s.on.T - 1
    c = (cells[:, last] if batch_first else cells[last]).copy() if s.on.T else c0.copy()
    return h, c, gates, cells, tanhs


def lstm_backward(cnp.ndarray gh, cnp.ndarray gc, cnp.ndarray gates, cnp.ndarray cells,
                  cnp.ndarray tanhs, cnp.ndarray h0, cnp.ndarray c0, cnp.ndarray w,
                  bint batch_first, bint reverse):
    """dL/dx, dL/dh0, dL/dc0 and dL/dw from gh = dL/dh (like h) and gc = dL/dc: (N, H)

    All else is what lstm_forward took and gave."""
    cdef Job s
    cdef cnp.npy_intp[2] shape
    measure("lstm's gradient", &s.on, gates, 4, batch_first, reverse)
    cdef tuple like_h = (gates.shape[0], gates.shape[1], s.on.H)
    gates = doors.in_order(gates)
    gh = checked("lstm's gradient", "gradient", gh, like_h, gates)
    cells = checked("lstm's gradient", "cells", cells, like_h, gates)
    tanhs = checked("lstm's gradient", "tanhs", tanhs, like_h, gates)
    h0 = checked("lstm's gradient", "h0", h0, (s.on.N, s.on.H), gates)
    c0 = checked("lstm's gradient", "c0", c0, (s.on.N, s.on.H), gates)
    w = checked("lstm's gradient", "weight_hh", w, (4 * s.on.H, s.on.H), gates)
    gc = checked("lstm's gradient", "gradient of c", gc, (s.on.N, s.on.H), gates)
    shape = [s.on.N, s.on.H]
    cdef cnp.ndarray dh = doors.zeros(2, shape, s.on.kind), dc = buffers.empty_like(gc, s.on.kind)
    cdef cnp.ndarray dgates = buffers.empty_like(gates, s.on.kind)
    cdef cnp.ndarray before = buffers.empty_like(cells, s.on.kind)
    cdef cnp.ndarray weights = packed(w, 4 * s.on.H, s.on.H, s.on.H, 1)
    dc[...] = gc
    s.gates, s.cells, s.tanhs, s.h0, s.c0 = gates.data, cells.data, tanhs.data, h0.data, c0.data
    s.w, s.gh, s.dh, s.dc = weights.data, gh.data, dh.data, dc.data
    s.dgates, s.before, s.backward = dgates.data, before.data, True
    run(piece, &s, &s.on, 4)
    dw = gemm(dgates.reshape(-1, 4 * s.on.H).T, before.reshape(-1, s.on.H))
    return dgates, dh, dc, dw
