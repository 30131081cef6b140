"""log(sigmoid(x)), forward and backward in one pass each."""

cimport numpy as cnp

from plugrad.kernels.elementwise cimport activations as kernels
from plugrad.kernels.elementwise.activations cimport LOG_SIGMOID, LOG_SIGMOID_GRAD
from plugrad.ops.common cimport as_floating, run1, run2
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef class LogSigmoid(Op):
    """y = log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))"""

    # An op because the second form, which alone does not overflow, has a kink at 0 that y has not.

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.activation(LOG_SIGMOID, x)

    def vjp(self, g):
        x, = self.unpack()
        return run2(LogSigmoidGrad.__new__(LogSigmoidGrad), g, x)


cdef class LogSigmoidGrad(Op):
    """dx = g * sigmoid(-x)"""

    def forward(self, cnp.ndarray g, cnp.ndarray x):
        self.kept = (g, x)
        return kernels.activation_grad(LOG_SIGMOID_GRAD, g, x)

    def vjp(self, h):
        g, x = self.unpack()
        dg = run2(LogSigmoidGrad.__new__(LogSigmoidGrad), h, x) if self.needs(0) else None
        return dg, -(h * g * x.sigmoid() * (-x).sigmoid()) if self.needs(1) else None


def log_sigmoid(input):
    return run1(LogSigmoid.__new__(LogSigmoid), as_floating(input))
