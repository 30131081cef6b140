"""LeakyReLU, forward and backward in one pass each."""

cimport numpy as cnp

from plugrad.kernels.elementwise cimport activations as kernels
from plugrad.ops.common cimport as_floating, scalar_array
from plugrad.tensor.tensor cimport Op, Tensor

cnp.import_array()


cdef class LeakyRelu(Op):
    """y = x where x > 0, else slope * x        inplace: y will be written over x"""
    cdef double slope
    cdef bint inplace

    def forward(self, cnp.ndarray x):
        y = kernels.leaky_relu(x, scalar_array(self.slope, cnp.PyArray_TYPE(x)))
        self.kept = (y if self.inplace and self.slope >= 0 else x,)      # y has the same sign
        return y

    def vjp(self, g):
        x, = self.unpack()
        return leaky_relu_grad(g, x.detach(), self.slope)


cdef class LeakyReluGrad(Op):
    """dx = g where x > 0, else slope * g"""
    cdef double slope

    def forward(self, cnp.ndarray g, cnp.ndarray x):
        self.kept = (x,)
        return kernels.leaky_relu_grad(g, x, scalar_array(self.slope, cnp.PyArray_TYPE(x)))

    def vjp(self, h):
        x, = self.unpack()
        return leaky_relu_grad(h, x, self.slope), None                     # flat in x


cdef Tensor leaky_relu_grad(Tensor g, Tensor x, double slope):
    cdef LeakyReluGrad op = LeakyReluGrad.__new__(LeakyReluGrad)
    op.slope = slope
    return op.run2(g, x)


def leaky_relu(input, double slope, bint inplace):
    cdef LeakyRelu op = LeakyRelu.__new__(LeakyRelu)
    op.slope, op.inplace = slope, inplace
    return op.run1(as_floating(input))
