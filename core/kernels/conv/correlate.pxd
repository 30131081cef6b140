"""y = w @ windows(x) without the matrix of windows."""
cimport numpy as cnp

from plugrad.kernels.conv.frames cimport Conv

cdef int correlate(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                   const Conv* s) except -1
