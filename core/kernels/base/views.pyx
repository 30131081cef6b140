"""Views: other shapes and strides on the same memory."""

cimport numpy as cnp

cnp.import_array()

cdef extern from "kernels/base/views.h":
    cnp.ndarray plugrad_strided(cnp.ndarray a, int ndim, cnp.npy_intp* shape,
                                cnp.npy_intp* strides, cnp.npy_intp offset)


cdef cnp.ndarray strided(cnp.ndarray a, int ndim, cnp.npy_intp* shape, cnp.npy_intp* strides,
                         Py_ssize_t offset):
    """The array of this shape whose elements lie `strides` bytes apart, from `offset` bytes after
    a's first.  The caller answers for every element lying inside a's memory."""
    return plugrad_strided(a, ndim, shape, strides, offset)


cdef bint view_strides(cnp.ndarray a, int ndim, cnp.npy_intp* shape,
                       cnp.npy_intp* strides) noexcept:
    """The strides with which a's elements, at least one, are seen in another shape, in C order;
    False if there are none.  Groups of axes that hold equally many elements are matched, and a
    group of a's must be evenly spaced."""
    cdef cnp.npy_intp size[64]
    cdef cnp.npy_intp stride[64]
    cdef cnp.npy_intp mine, theirs, step
    cdef int i, k, old = 0, first, start, last = 0, end = 0
    for i in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_DIM(a, i) != 1:
            size[old], stride[old] = cnp.PyArray_DIM(a, i), cnp.PyArray_STRIDE(a, i)
            old += 1
    while last < old:
        first, start = last, end
        mine, theirs = size[last], shape[end]
        last += 1
        end += 1
        while mine != theirs:
            if mine < theirs:
                mine *= size[last]
                last += 1
            else:
                theirs *= shape[end]
                end += 1
        for k in range(first, last - 1):
            if stride[k] != size[k + 1] * stride[k + 1]:
                return False
        step = stride[last - 1]
        for k in range(end - 1, start - 1, -1):
            strides[k] = step
            step *= shape[k]
    for k in range(end, ndim):              # what is left are axes of size 1
        strides[k] = cnp.PyArray_ITEMSIZE(a)
    return True
