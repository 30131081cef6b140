"""Where every kernel's output memory comes from."""

cimport numpy as cnp

cnp.import_array()


cdef cnp.ndarray empty(int ndim, cnp.npy_intp* shape, int typenum):
    """A new C-contiguous array with arbitrary content."""
    return cnp.PyArray_EMPTY(ndim, shape, typenum, 0)


cdef cnp.ndarray empty_like(cnp.ndarray a, int typenum):
    """A new C-contiguous array of a's shape."""
    return cnp.PyArray_EMPTY(cnp.PyArray_NDIM(a), cnp.PyArray_DIMS(a), typenum, 0)
