"""Views: other shapes and strides on the same memory."""

cimport numpy as cnp

cnp.import_array()

cdef extern from "kernels/views.h":
    cnp.ndarray plugrad_strided(cnp.ndarray a, int ndim, cnp.npy_intp* shape,
                                cnp.npy_intp* strides, cnp.npy_intp offset)


cdef cnp.ndarray strided(cnp.ndarray a, int ndim, cnp.npy_intp* shape, cnp.npy_intp* strides,
                         Py_ssize_t offset):
    """The array of this shape whose elements lie `strides` bytes apart, from `offset` bytes after
    a's first.  The caller answers for every element lying inside a's memory."""
    return plugrad_strided(a, ndim, shape, strides, offset)
