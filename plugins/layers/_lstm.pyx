"""The loop behind LSTM: all steps of a sequence in one call, and their gradients in another.

A sequence's gates are (T, N, 4H), or (N, T, 4H) with batch first: input, forget, cell and output
gate side by side.  Sequences do not see each other, so threads share them out."""

cimport numpy as cnp
from libc.string cimport memcpy

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.gemm cimport Product, gemm, multiply_packed, pack_b, packed_size
from plugrad.kernels.points cimport sigmoid_of, tanh_of
from plugrad.kernels.threads cimport share, threads_for
from plugrad.kernels.typenums cimport real

cnp.import_array()

# What the threads share: a piece is some of the N sequences.
cdef struct Job:
    Py_ssize_t T, N, H
    Py_ssize_t step, sequence       # rows of H, or 4H, from step to step and from one to the next
    Py_ssize_t first, onward        # the first step to take, and 1 or -1
    Py_ssize_t at_once              # sequences in a piece
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
    int kind
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
    cdef Py_ssize_t H = s.H, t, i, row, last = -1, rows = s.sequence
    cdef real* gates = <real*> s.gates
    cdef real* cells = <real*> s.cells
    cdef real* h = <real*> s.h
    cdef Product p = Product(m=past - n, n=4 * H, k=H, ra=H, ca=1, rb=0, cb=0, rc=4 * H * rows,
                             cc=1)
    for t in range(s.T):
        row = (s.first + t * s.onward) * s.step + n * rows
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
    cdef Py_ssize_t H = s.H, t, i, j, at, row, last, rows = s.sequence
    cdef real* gates = <real*> s.gates
    cdef real* tanhs = <real*> s.tanhs
    cdef real* dgates = <real*> s.dgates
    cdef real* before
    cdef Product p = Product(m=past - n, n=H, k=4 * H, ca=1, rb=0, cb=0, ra=4 * H * rows, rc=H,
                             cc=1)
    for t in range(s.T - 1, -1, -1):
        row = (s.first + t * s.onward) * s.step + n * rows
        last = row - s.onward * s.step
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
    cdef Py_ssize_t n = number * s.at_once, past = min(s.N, n + s.at_once)
    if s.kind == cnp.NPY_FLOAT:
        if s.backward:
            backward(s, n, past, <float*> NULL)
        else:
            forward(s, n, past, <float*> NULL)
    else:
        if s.backward:
            backward(s, n, past, <double*> NULL)
        else:
            forward(s, n, past, <double*> NULL)


cdef cnp.ndarray packed(cnp.ndarray w, Py_ssize_t k, Py_ssize_t n, Py_ssize_t rb, Py_ssize_t cb):
    """w, as a matrix (k, n) of these strides, for multiply_packed."""
    cdef Product p = Product(m=0, n=n, k=k, ra=0, ca=0, rb=rb, cb=cb, rc=0, cc=0)
    cdef cnp.npy_intp size = packed_size(&p)
    cdef cnp.ndarray out = buffers.empty(1, &size, cnp.PyArray_TYPE(w))
    if cnp.PyArray_TYPE(w) == cnp.NPY_FLOAT:
        pack_b(<float*> w.data, &p, <float*> out.data)
    else:
        pack_b(<double*> w.data, &p, <double*> out.data)
    return out


# ------------------------------------------------------------------------------------------- doors

cdef cnp.ndarray checked(str door, str name, cnp.ndarray a, tuple shape, cnp.ndarray like):
    """a in C order.  Raises RuntimeError if its shape or dtype is another."""
    doors.floating(door, f"gates and {name}", like, a)
    if (<object> a).shape != shape:
        raise RuntimeError(f"{door}: expected {name} of shape {shape}, got {(<object> a).shape}")
    return doors.in_order(a)


cdef int sizes(str door, Job* s, cnp.ndarray gates, bint batch_first, bint reverse) except -1:
    cdef Py_ssize_t steps, sequences
    if cnp.PyArray_NDIM(gates) != 3 or gates.shape[2] % 4:
        raise RuntimeError(f"{door}: expected gates (T, N, 4H) or (N, T, 4H), got "
                           f"{(<object> gates).shape}")
    steps, sequences = (1, 0) if batch_first else (0, 1)
    s.T, s.N, s.H = gates.shape[steps], gates.shape[sequences], gates.shape[2] // 4
    s.step, s.sequence = s.N, 1
    if batch_first:
        s.step, s.sequence = 1, s.T
    s.first, s.onward = 0, 1
    if reverse:
        s.first, s.onward = s.T - 1, -1
    s.kind = cnp.PyArray_TYPE(gates)
    return 0


cdef int run(Job* s) except -1:
    cdef int threads = threads_for(s.N, s.T * s.N * s.H * (s.H // 2 + 2))
    s.at_once = max(<Py_ssize_t> 1, (s.N + threads - 1) // threads)
    cdef Py_ssize_t pieces = (s.N + s.at_once - 1) // s.at_once
    with nogil:
        share(piece, s, pieces, threads)
    return 0


def lstm_forward(cnp.ndarray x, cnp.ndarray h0, cnp.ndarray c0, cnp.ndarray w, bint batch_first,
                 bint reverse):
    """h and the last c, and what the gradients need: gates, cells, tanh of the cells

    x, what the gates get beside w h: (T, N, 4H) or, batch first, (N, T, 4H)   h0, c0: (N, H)
    w: (4H, H)   h, cells, tanhs: like x with H   Raises RuntimeError for shapes or dtypes that do
    not fit."""
    cdef Job s
    cdef cnp.npy_intp[3] shape
    sizes("lstm", &s, x, batch_first, reverse)
    h0 = checked("lstm", "h0", h0, (s.N, s.H), x)
    c0 = checked("lstm", "c0", c0, (s.N, s.H), x)
    w = checked("lstm", "weight_hh", w, (4 * s.H, s.H), x)
    cdef cnp.ndarray gates = buffers.empty_like(x, s.kind)
    cdef cnp.ndarray weights = packed(w, s.H, 4 * s.H, 1, s.H)
    gates[...] = x
    shape = [x.shape[0], x.shape[1], s.H]
    cdef cnp.ndarray h = buffers.empty(3, shape, s.kind)
    cdef cnp.ndarray cells = buffers.empty(3, shape, s.kind)
    cdef cnp.ndarray tanhs = buffers.empty(3, shape, s.kind)
    s.gates, s.cells, s.tanhs, s.h = gates.data, cells.data, tanhs.data, h.data
    s.h0, s.c0, s.w, s.backward = h0.data, c0.data, weights.data, False
    run(&s)
    last = 0 if reverse else s.T - 1
    c = (cells[:, last] if batch_first else cells[last]).copy() if s.T else c0.copy()
    return h, c, gates, cells, tanhs


def lstm_backward(cnp.ndarray gh, cnp.ndarray gc, cnp.ndarray gates, cnp.ndarray cells,
                  cnp.ndarray tanhs, cnp.ndarray h0, cnp.ndarray c0, cnp.ndarray w,
                  bint batch_first, bint reverse):
    """dL/dx, dL/dh0, dL/dc0 and dL/dw from gh = dL/dh (like h) and gc = dL/dc: (N, H)

    All else is what lstm_forward took and gave."""
    cdef Job s
    cdef cnp.npy_intp[2] shape
    sizes("lstm's gradient", &s, gates, batch_first, reverse)
    cdef tuple like_h = (gates.shape[0], gates.shape[1], s.H)
    gates = doors.in_order(gates)
    gh = checked("lstm's gradient", "gradient", gh, like_h, gates)
    cells = checked("lstm's gradient", "cells", cells, like_h, gates)
    tanhs = checked("lstm's gradient", "tanhs", tanhs, like_h, gates)
    h0 = checked("lstm's gradient", "h0", h0, (s.N, s.H), gates)
    c0 = checked("lstm's gradient", "c0", c0, (s.N, s.H), gates)
    w = checked("lstm's gradient", "weight_hh", w, (4 * s.H, s.H), gates)
    gc = checked("lstm's gradient", "gradient of c", gc, (s.N, s.H), gates)
    shape = [s.N, s.H]
    cdef cnp.ndarray dh = doors.zeros(2, shape, s.kind), dc = buffers.empty_like(gc, s.kind)
    cdef cnp.ndarray dgates = buffers.empty_like(gates, s.kind)
    cdef cnp.ndarray before = buffers.empty_like(cells, s.kind)
    cdef cnp.ndarray weights = packed(w, 4 * s.H, s.H, s.H, 1)
    dc[...] = gc
    s.gates, s.cells, s.tanhs, s.h0, s.c0 = gates.data, cells.data, tanhs.data, h0.data, c0.data
    s.w, s.gh, s.dh, s.dc = weights.data, gh.data, dh.data, dc.data
    s.dgates, s.before, s.backward = dgates.data, before.data, True
    run(&s)
    dw = gemm(dgates.reshape(-1, 4 * s.H).T, before.reshape(-1, s.H))
    return dgates, dh, dc, dw
