"""What the doors of the kernels check before they take pointers."""
cimport numpy as cnp

cdef cnp.ndarray native(cnp.ndarray a)
cdef int floating(str door, str names, cnp.ndarray a, cnp.ndarray b) except -1
