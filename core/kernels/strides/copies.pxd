cimport numpy as cnp

cdef cnp.ndarray contiguous_as(cnp.ndarray a, int ndim, cnp.npy_intp* shape)
cdef void lay(cnp.ndarray out, Py_ssize_t offset, int without, cnp.ndarray a)


cdef inline cnp.ndarray contiguous(cnp.ndarray a):
    """A new copy of a, in C order."""
    return contiguous_as(a, cnp.PyArray_NDIM(a), cnp.PyArray_DIMS(a))
