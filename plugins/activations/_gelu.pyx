"""GELU in both forms, forward and backward in one pass each."""

cimport numpy as cnp

from math import pi, sqrt

from plugrad.kernels.elementwise cimport activations as kernels
from plugrad.kernels.elementwise.activations cimport GELU, GELU_GRAD, GELU_TANH, GELU_TANH_GRAD
from plugrad.ops.common cimport as_floating, run1, run2
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef class Gelu(Op):
    """y = x * (1 + erf(x / √2)) / 2"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.activation(GELU, x)

    def vjp(self, g):
        x, = self.unpack()
        return run2(GeluGrad.__new__(GeluGrad), g, x)


cdef class GeluGrad(Op):
    """dx = g * (Φ(x) + x * φ(x)), with φ = exp(-x² / 2) / √(2π) and Φ its integral up to x"""

    def forward(self, cnp.ndarray g, cnp.ndarray x):
        self.kept = (g, x)
        return kernels.activation_grad(GELU_GRAD, g, x)

    def vjp(self, h):
        g, x = self.unpack()
        dg = run2(GeluGrad.__new__(GeluGrad), h, x) if self.needs(0) else None
        if not self.needs(1):
            return dg, None
        xx = x * x
        return dg, h * g * ((-0.5 * xx).exp() * (2.0 - xx) * (1 / sqrt(2 * pi)))


cdef class GeluTanh(Op):
    """y = x * (1 + tanh(u)) / 2,   u = √(2/π) * (x + 0.044715 * x³)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.activation(GELU_TANH, x)

    def vjp(self, g):
        x, = self.unpack()
        return run2(GeluTanhGrad.__new__(GeluTanhGrad), g, x)


cdef class GeluTanhGrad(Op):
    """dx = g * (1 + t + x * (1 - t²) * u') / 2,   t = tanh(u)"""

    def forward(self, cnp.ndarray g, cnp.ndarray x):
        self.kept = (g, x)
        return kernels.activation_grad(GELU_TANH_GRAD, g, x)

    def vjp(self, h):
        g, x = self.unpack()
        dg = run2(GeluTanhGrad.__new__(GeluTanhGrad), h, x) if self.needs(0) else None
        if not self.needs(1):
            return dg, None
        k = sqrt(2 / pi)
        t = (k * (x + 0.044715 * x * x * x)).tanh()
        first = k * (1.0 + 0.134145 * x * x)                                  # u'
        second = k * 0.26829 * x                                              # u''
        bend = (1.0 - t * t) * (first * (1.0 - x * t * first) + 0.5 * x * second)
        return dg, h * g * bend


def gelu_erf(input):
    return run1(Gelu.__new__(Gelu), as_floating(input))


def gelu_tanh(input):
    return run1(GeluTanh.__new__(GeluTanh), as_floating(input))
