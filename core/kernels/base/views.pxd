cimport numpy as cnp

cdef cnp.ndarray strided(cnp.ndarray a, int ndim, cnp.npy_intp* shape, cnp.npy_intp* strides,
                         Py_ssize_t offset)
cdef bint view_strides(cnp.ndarray a, int ndim, cnp.npy_intp* shape,
                       cnp.npy_intp* strides) noexcept
