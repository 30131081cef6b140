"""The loop behind GRU: all steps of a sequence in one call, and their gradients in another.

A sequence's gates are (T, N, 3H), or (N, T, 3H) with batch first: reset gate, update gate and
candidate side by side."""

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
    void* b
    void* q                         # forward (N, 3H): b + W h of the step at hand
    void* memory                    # the candidate's part of it, of all steps
    void* h
    void* h0
    void* w                         # packed
    void* gh
    void* dh                        # (N, H): dL/dh of the step at hand
    void* dgates
    void* dq                        # the gradients of all q, like gates
    bint backward


# ----------------------------------------------------------------------------------------- one step

cdef inline void open_gates(real* gates,                            # IN and OUT (3H,)
                            const real* q, const real* before,      # IN  (3H,), (H,)
                            real* memory, real* h,                  # OUT (H,)
                            Py_ssize_t H) noexcept nogil:
    """h = n + z * (before - n) with n = tanh(x + r * q): loops that write one array each, of which
    the compiler makes vectors."""
    cdef Py_ssize_t j
    for j in range(2 * H):
        gates[j] = sigmoid_of(gates[j] + q[j])
    for j in range(H):
        memory[j] = q[2 * H + j]
    for j in range(H):
        gates[2 * H + j] = tanh_of(gates[2 * H + j] + gates[j] * memory[j])
    for j in range(H):
        h[j] = gates[2 * H + j] + gates[H + j] * (before[j] - gates[2 * H + j])


cdef inline void close_gates(const real* gates,                     # IN  (3H,)
                             const real* memory, const real* before, const real* gh,
                             real* dh,                              # IN and OUT (H,)
                             real* dgates, real* dq,                # OUT (3H,)
                             Py_ssize_t H) noexcept nogil:
    """The gradients of what went into the gates and of q, and of `before` in dh's place, but for
    the part that goes through q."""
    cdef Py_ssize_t j
    cdef real one = 1
    cdef const real* r = gates
    cdef const real* z = gates + H
    cdef const real* n = gates + 2 * H
    for j in range(H):
        dh[j] += gh[j]
    for j in range(H):
        dgates[2 * H + j] = dh[j] * (one - z[j]) * (one - n[j] * n[j])
    for j in range(H):
        dgates[H + j] = dh[j] * (before[j] - n[j]) * z[j] * (one - z[j])
    for j in range(H):
        dgates[j] = dgates[2 * H + j] * memory[j] * r[j] * (one - r[j])
    for j in range(2 * H):
        dq[j] = dgates[j]
    for j in range(H):
        dq[2 * H + j] = dgates[2 * H + j] * r[j]
    for j in range(H):
        dh[j] *= z[j]


# ---------------------------------------------------------------------------------------- all steps

cdef inline void forward(const Job* s, Py_ssize_t first, Py_ssize_t past, real* _) noexcept nogil:
    """Some sequences, step by step."""
    cdef Py_ssize_t H = s.on.H, t, i, row, last = -1, rows = s.on.sequence
    cdef real* h = <real*> s.h
    cdef real* q = <real*> s.q + first * 3 * H
    cdef Product p = Product(m=past - first, n=3 * H, k=H, ra=H, ca=1, rb=0, cb=0, rc=3 * H, cc=1)
    for t in range(s.on.T):
        row = row_of(&s.on, t, first)
        p.ra = H if last < 0 else H * rows
        for i in range(past - first):
            memcpy(q + i * 3 * H, s.b, 3 * H * sizeof(real))
        multiply_packed(<real*> s.h0 + first * H if last < 0 else h + last * H, <real*> s.w, q, &p,
                        True)
        for i in range(past - first):
            open_gates(<real*> s.gates + (row + i * rows) * 3 * H, q + i * 3 * H,
                       <real*> s.h0 + (first + i) * H if last < 0 else h + (last + i * rows) * H,
                       <real*> s.memory + (row + i * rows) * H, h + (row + i * rows) * H, H)
        last = row


cdef inline void backward(const Job* s, Py_ssize_t first, Py_ssize_t past, real* _) noexcept nogil:
    """The same backward.  h are those that went into each step."""
    cdef Py_ssize_t H = s.on.H, t, i, at, row, rows = s.on.sequence
    cdef Product p = Product(m=past - first, n=H, k=3 * H, ca=1, rb=0, cb=0, ra=3 * H * rows, rc=H,
                             cc=1)
    for t in range(s.on.T - 1, -1, -1):
        row = row_of(&s.on, t, first)
        for i in range(past - first):
            at = row + i * rows
            close_gates(<real*> s.gates + at * 3 * H, <real*> s.memory + at * H,
                        <real*> s.h + at * H, <real*> s.gh + at * H,
                        <real*> s.dh + (first + i) * H, <real*> s.dgates + at * 3 * H,
                        <real*> s.dq + at * 3 * H, H)
        multiply_packed(<real*> s.dq + row * 3 * H, <real*> s.w, <real*> s.dh + first * H, &p,
                        True)


cdef inline void went_in(const Job* s, Py_ssize_t first, Py_ssize_t past, real* _) noexcept nogil:
    """h of the step before each: what was returned may have been overwritten since."""
    cdef Py_ssize_t H = s.on.H, t, i, j, row, last
    cdef const real* gates
    cdef real* h
    for i in range(first, past):
        for t in range(s.on.T):
            row = row_of(&s.on, t, i)
            h = <real*> s.h + row * H
            if t == 0:
                memcpy(h, <real*> s.h0 + i * H, H * sizeof(real))
            else:
                last = row_of(&s.on, t - 1, i)
                gates = <real*> s.gates + last * 3 * H
                for j in range(H):
                    h[j] = gates[2 * H + j] + gates[H + j] * (
                        (<real*> s.h)[last * H + j] - gates[2 * H + j])


cdef inline void steps(const Job* s, Py_ssize_t first, Py_ssize_t past, real* kind) noexcept nogil:
    if s.backward:
        went_in(s, first, past, kind)
        backward(s, first, past, kind)
    else:
        forward(s, first, past, kind)


cdef void piece(void* context, Py_ssize_t number, int _) noexcept nogil:
    cdef Job* s = <Job*> context
    cdef Py_ssize_t first = number * s.on.at_once, past = min(s.on.N, first + s.on.at_once)
    if s.on.kind == cnp.NPY_FLOAT:
        steps(s, first, past, <float*> NULL)
    else:
        steps(s, first, past, <double*> NULL)


# ------------------------------------------------------------------------------------------- doors

def gru_forward(cnp.ndarray x, cnp.ndarray h0, cnp.ndarray w, cnp.ndarray b, bint batch_first,
                bint reverse):
    """h, and what the gradients need: gates, and the candidate's part of b + w h

    x, what the gates get beside that: (T, N, 3H) or, batch first, (N, T, 3H)   h0: (N, H)
    w: (3H, H)   b: (3H,)   h: like x with H   Raises RuntimeError for shapes or dtypes that do not
    fit."""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    measure("gru", &s.on, x, 3, batch_first, reverse)
    h0 = checked("gru", "h0", h0, (s.on.N, s.on.H), x)
    w = checked("gru", "weight_hh", w, (3 * s.on.H, s.on.H), x)
    b = checked("gru", "bias_hh", b, (3 * s.on.H,), x)
    cdef cnp.ndarray gates = buffers.empty_like(x, s.on.kind)
    cdef cnp.ndarray weights = packed(w, s.on.H, 3 * s.on.H, 1, s.on.H)
    gates[...] = x
    shape = [x.shape[0], x.shape[1], s.on.H]
    cdef cnp.ndarray h = buffers.empty(3, shape, s.on.kind)
    cdef cnp.ndarray memory = buffers.empty(3, shape, s.on.kind)
    shape = [s.on.N, 3 * s.on.H, 0]
    cdef cnp.ndarray q = buffers.empty(2, shape, s.on.kind)
    s.gates, s.memory, s.h, s.h0, s.b = gates.data, memory.data, h.data, h0.data, b.data
    s.w, s.q, s.backward = weights.data, q.data, False
    run(piece, &s, &s.on, 3)
    return h, gates, memory


def gru_backward(cnp.ndarray gh, cnp.ndarray gates, cnp.ndarray memory, cnp.ndarray h0,
                 cnp.ndarray w, bint batch_first, bint reverse):
    """dL/dx, dL/dh0, dL/dw and dL/db from gh = dL/dh (like h)

    All else is what gru_forward took and gave."""
    cdef Job s
    cdef cnp.npy_intp[2] shape
    cdef str door = "gru's gradient"
    measure(door, &s.on, gates, 3, batch_first, reverse)
    cdef tuple like_h = (gates.shape[0], gates.shape[1], s.on.H)
    gates = doors.in_order(gates)
    gh = checked(door, "gradient", gh, like_h, gates)
    memory = checked(door, "memory", memory, like_h, gates)
    h0 = checked(door, "h0", h0, (s.on.N, s.on.H), gates)
    w = checked(door, "weight_hh", w, (3 * s.on.H, s.on.H), gates)
    shape = [s.on.N, s.on.H]
    cdef cnp.ndarray dh = doors.zeros(2, shape, s.on.kind)
    cdef cnp.ndarray dgates = buffers.empty_like(gates, s.on.kind)
    cdef cnp.ndarray dq = buffers.empty_like(gates, s.on.kind)
    cdef cnp.ndarray before = buffers.empty_like(memory, s.on.kind)
    cdef cnp.ndarray weights = packed(w, 3 * s.on.H, s.on.H, s.on.H, 1)
    s.gates, s.memory, s.h, s.h0, s.w = gates.data, memory.data, before.data, h0.data, weights.data
    s.gh, s.dh, s.dgates, s.dq, s.backward = gh.data, dh.data, dgates.data, dq.data, True
    run(piece, &s, &s.on, 3)
    rows = dq.reshape(-1, 3 * s.on.H)
    return dgates, dh, gemm(rows.T, before.reshape(-1, s.on.H)), rows.sum(0)
