from plugrad.tensor.tensor cimport Tensor

cdef Tensor summed(Tensor x, unsigned long long axes, bint keepdim)
cdef Tensor floating(object input, object dtype, str what)
