"""What the doors of the kernels share: checks and preparations before they take pointers."""
cimport numpy as cnp

cdef cnp.ndarray native(cnp.ndarray a)
cdef cnp.ndarray in_order(cnp.ndarray a)
cdef cnp.ndarray zeros(int ndim, cnp.npy_intp* shape, int kind)
cdef int floating(str door, str names, cnp.ndarray a, cnp.ndarray b) except -1
