cimport numpy as cnp
cimport plugrad.kernels.base.abi

cdef cnp.ndarray empty(int ndim, cnp.npy_intp* shape, int typenum)
cdef cnp.ndarray empty_like(cnp.ndarray a, int typenum)
