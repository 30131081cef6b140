cimport numpy as cnp

from plugrad.tensor.tensor cimport Tensor

cdef Tensor known_softmax(object parent, cnp.ndarray y, int axis)
