"""What the kernels of recurrent layers share: how sequences lie, and how threads share them out.

Sequences do not see each other, so a piece of work is some of them, from the first step to the
last."""

cimport numpy as cnp

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.gemm cimport Product, pack_b, packed_size
from plugrad.kernels.base.threads cimport piece_t, share, threads_for

cnp.import_array()


cdef int measure(str door, Steps* s, cnp.ndarray gates, Py_ssize_t width, bint batch_first,
                 bint reverse) except -1:
    """Fill in s for gates (T, N, width * H) or, batch first, (N, T, width * H).  Raises
    RuntimeError for another shape."""
    if cnp.PyArray_NDIM(gates) != 3 or gates.shape[2] % width:
        wide = "H" if width == 1 else f"{width}H"
        raise RuntimeError(f"{door}: expected gates (T, N, {wide}) or (N, T, {wide}), got "
                           f"{(<object> gates).shape}")
    cdef Py_ssize_t outer = gates.shape[0], inner = gates.shape[1]
    s.H = gates.shape[2] // width
    if batch_first:
        s.T, s.N, s.step, s.sequence = inner, outer, 1, inner
    else:
        s.T, s.N, s.step, s.sequence = outer, inner, inner, 1
    s.first, s.onward = 0, 1
    if reverse:
        s.first, s.onward = s.T - 1, -1
    s.kind = cnp.PyArray_TYPE(gates)
    return 0


cdef cnp.ndarray checked(str door, str name, cnp.ndarray a, tuple shape, cnp.ndarray like):
    """a in C order.  Raises RuntimeError if its shape or dtype is another."""
    doors.floating(door, f"gates and {name}", like, a)
    if (<object> a).shape != shape:
        raise RuntimeError(f"{door}: expected {name} of shape {shape}, got {(<object> a).shape}")
    return doors.in_order(a)


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


cdef int run(piece_t piece, void* job, Steps* s, Py_ssize_t width) except -1:
    """Share out the sequences; width: gates of a hidden unit."""
    cdef int threads = threads_for(s.N, s.T * s.N * s.H * (width * s.H // 8 + 2))
    s.at_once = max(<Py_ssize_t> 1, (s.N + threads - 1) // threads)
    cdef Py_ssize_t pieces = (s.N + s.at_once - 1) // s.at_once
    with nogil:
        share(piece, job, pieces, threads)
    return 0
