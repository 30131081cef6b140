"""Convolutions and their gradients for groups of one channel and one filter."""
cimport numpy as cnp

from plugrad.kernels.conv.frames cimport Conv

cdef int correlate_depthwise(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                             const Conv* s) except -1
cdef int gradient_depthwise(cnp.ndarray x, cnp.ndarray g, cnp.ndarray dw, const Conv* s) except -1
