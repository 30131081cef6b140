"""What the doors of the kernels share: checks and preparations before they take pointers."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers

cnp.import_array()


cdef cnp.ndarray native(cnp.ndarray a):
    """a itself, or a copy if it is misaligned or in foreign byte order.  Strides stay as they are:
    they are whole elements now."""
    if cnp.PyArray_ISBEHAVED_RO(a):
        return a
    return cnp.PyArray_FROM_OTF(a, cnp.PyArray_TYPE(a),
                                cnp.NPY_ARRAY_ALIGNED | cnp.NPY_ARRAY_NOTSWAPPED)


cdef cnp.ndarray in_order(cnp.ndarray a):
    """a itself, or a copy if it is not in C order, aligned and in native byte order."""
    return cnp.PyArray_FROM_OTF(a, cnp.PyArray_TYPE(a), cnp.NPY_ARRAY_CARRAY_RO)


cdef cnp.ndarray zeros(int ndim, cnp.npy_intp* shape, int kind):
    """A new C-contiguous array of zeros."""
    cdef cnp.ndarray a = buffers.empty(ndim, shape, kind)
    memset(cnp.PyArray_DATA(a), 0, cnp.PyArray_NBYTES(a))
    return a


cdef int floating(str door, str names, cnp.ndarray a, cnp.ndarray b) except -1:
    """The type number of a and b.  Raises RuntimeError if they differ, NotImplementedError if it is
    not float32 or float64; `names` says what the door calls them."""
    cdef int kind = cnp.PyArray_TYPE(a)
    if kind != cnp.PyArray_TYPE(b):
        raise RuntimeError(
            f"{door}: expected {names} of one dtype, got {a.dtype} {(<object>a).shape} and "
            f"{b.dtype} {(<object>b).shape}; convert one of them")
    if kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE:
        raise NotImplementedError(
            f"{door}: expected float32 or float64, got {a.dtype}; convert {names} first")
    return kind
