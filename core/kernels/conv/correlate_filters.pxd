"""`correlate` with vectors of filters."""
cimport numpy as cnp

from plugrad.kernels.conv.frames cimport Conv

cdef Py_ssize_t filters_cost(const Conv* s, Py_ssize_t L, Py_ssize_t least) noexcept nogil
cdef int correlate_filters(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                           const Conv* s) except -1
