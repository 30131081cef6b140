"""The activations that are methods of Tensor, each with its gradient in one pass."""

cimport numpy as cnp

from plugrad.kernels.elementwise.activations cimport (
    RELU_GRAD, SIGMOID_GRAD, TANH_GRAD, activation_grad,
)
from plugrad.kernels.elementwise.door cimport RELU, SIGMOID, TANH, unary
from plugrad.ops.common cimport as_floating, as_operand, run1
from plugrad.ops.common import methods
from plugrad.tensor.tensor cimport Op, Tensor, detached

cnp.import_array()


cdef class Tanh(Op):
    """y = tanh(x)"""

    def forward(self, cnp.ndarray x):
        y = unary(TANH, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return tanh_grad(g, y)


cdef class TanhGrad(Op):
    """dx = g * (1 - y²)"""

    def forward(self, cnp.ndarray g, cnp.ndarray y):
        self.kept = (g, y)
        return activation_grad(TANH_GRAD, g, y)

    def vjp(self, h):
        g, y = self.unpack()
        return (tanh_grad(h, y) if self.needs(0) else None,
                h * g * (-2.0 * y) if self.needs(1) else None)


cdef class Sigmoid(Op):
    """y = 1 / (1 + exp(-x))"""

    def forward(self, cnp.ndarray x):
        y = unary(SIGMOID, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return sigmoid_grad(g, y)


cdef class SigmoidGrad(Op):
    """dx = g * y * (1 - y)"""

    def forward(self, cnp.ndarray g, cnp.ndarray y):
        self.kept = (g, y)
        return activation_grad(SIGMOID_GRAD, g, y)

    def vjp(self, h):
        g, y = self.unpack()
        return (sigmoid_grad(h, y) if self.needs(0) else None,
                h * g * (1.0 - 2.0 * y) if self.needs(1) else None)


cdef class Relu(Op):
    """y = max(x, 0)   (Nair & Hinton, 2010)"""

    def forward(self, cnp.ndarray x):
        y = unary(RELU, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return relu_grad(g, y)


cdef class ReluGrad(Op):
    """dx = g where y > 0, else 0; where y is NaN, g as in PyTorch"""

    def forward(self, cnp.ndarray g, cnp.ndarray y):
        self.kept = (y,)
        return activation_grad(RELU_GRAD, g, y)

    def vjp(self, h):
        y, = self.unpack()
        return relu_grad(h, y), None


cdef Tensor tanh_grad(Tensor g, Tensor y):
    cdef TanhGrad op = TanhGrad.__new__(TanhGrad)
    return op.run2(g, y)


cdef Tensor sigmoid_grad(Tensor g, Tensor y):
    cdef SigmoidGrad op = SigmoidGrad.__new__(SigmoidGrad)
    return op.run2(g, y)


cdef Tensor relu_grad(Tensor g, Tensor y):
    cdef ReluGrad op = ReluGrad.__new__(ReluGrad)
    return op.run2(g, detached(y))                   # flat in y


def tanh(input):
    """The hyperbolic tangent"""
    return run1(Tanh.__new__(Tanh), as_floating(input))


def sigmoid(input):
    """1 / (1 + exp(-x))"""
    return run1(Sigmoid.__new__(Sigmoid), as_floating(input))


def relu(input):
    """max(x, 0)"""
    return run1(Relu.__new__(Relu), as_operand(input))


methods([tanh, sigmoid, relu], in_place_too=True)
