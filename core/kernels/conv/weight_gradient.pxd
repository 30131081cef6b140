"""dw = g @ windows(x).T without the matrix of windows."""
cimport numpy as cnp

from plugrad.kernels.conv.frames cimport Conv

cdef int weight_gradient(cnp.ndarray x, cnp.ndarray g, cnp.ndarray dw, const Conv* s) except -1
