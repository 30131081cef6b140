"""`correlate` with vectors of neighboring windows."""
cimport numpy as cnp

from plugrad.kernels.conv.frames cimport Conv

cdef Py_ssize_t windows_cost(const Conv* s, Py_ssize_t L) noexcept nogil
cdef int correlate_windows(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                           const Conv* s) except -1
