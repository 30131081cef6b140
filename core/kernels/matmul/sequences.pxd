"""Batches of sequences, as the loops of recurrent layers go through them."""
cimport numpy as cnp

from plugrad.kernels.base.threads cimport piece_t

# T steps of N sequences with H hidden units.  Row i of step t of sequence n is row
# (first + t * onward) * step + n * sequence of arrays (T, N, ...) or (N, T, ...).
ctypedef struct Steps:
    Py_ssize_t T, N, H
    Py_ssize_t step, sequence       # rows from step to step and from one sequence to the next
    Py_ssize_t first, onward        # the first step to take, and 1 or -1
    Py_ssize_t at_once              # sequences in a piece of work
    int kind                        # type number of the dtype

cdef int measure(str door, Steps* s, cnp.ndarray gates, Py_ssize_t width, bint batch_first,
                 bint reverse) except -1
cdef cnp.ndarray checked(str door, str name, cnp.ndarray a, tuple shape, cnp.ndarray like)
cdef cnp.ndarray packed(cnp.ndarray w, Py_ssize_t k, Py_ssize_t n, Py_ssize_t rb, Py_ssize_t cb)
cdef int run(piece_t piece, void* job, Steps* s, Py_ssize_t width) except -1


cdef inline Py_ssize_t row_of(const Steps* s, Py_ssize_t t, Py_ssize_t n) noexcept nogil:
    """The row of the step taken t-th, of sequence n."""
    return (s.first + t * s.onward) * s.step + n * s.sequence
