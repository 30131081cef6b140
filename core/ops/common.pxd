cimport numpy as cnp

from plugrad.tensor.tensor cimport Op, Tensor

cdef struct Shape:
    int ndim
    cnp.npy_intp sizes[32]

cdef Shape shape_of(cnp.ndarray a) noexcept
cdef Tensor reshaped(Tensor x, Shape shape)

cdef enum Rule:
    SAME          # the promoted dtype
    FLOATING      # the promoted dtype, or the default one where that is no float

cdef Tensor as_operand(object x, str what=*)
cdef Tensor as_floating(object x)
cdef tuple operands(object a, object b, Rule rule)
cdef Tensor binary_op(Op op, object a, object b, Rule rule)
cdef Tensor cast(Tensor x, int typenum)
cdef Tensor expand_to(Tensor x, cnp.ndarray like)
cdef Tensor expand_to_shape(Tensor x, Shape other)
cdef Tensor sum_to(Tensor x, Shape shape)
cdef cnp.ndarray scalar_array(object value, int typenum)
cdef Tensor before_write(Tensor x, object what, bint recording)
cdef Tensor overwrite(Tensor x, Tensor new, object what)
cpdef int axis_of(object dim, int ndim, object what) except -1
cdef unsigned long long axes_of(object dim, int ndim, object what) except? 0xFFFFFFFFFFFFFFFF


cdef inline Tensor run1(Op op, Tensor x):
    return op.run1(x)


cdef inline Tensor run2(Op op, Tensor a, Tensor b):
    return op.run2(a, b)


cdef inline object run(Op op, tuple inputs):
    return op.run(inputs)
