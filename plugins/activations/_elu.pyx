"""ELU and its slope, in one pass each: a third of the time that Tensor operations take."""

cimport numpy as cnp
from libc.math cimport exp, expm1

from plugrad.kernels.strides.mapping cimport loop_t, map_strided
from plugrad.kernels.elementwise.points cimport exp_point, fabsf
from plugrad.kernels.base.typenums cimport FLOAT32, real, slot
from plugrad.ops.common cimport as_floating, run1, scalar_array
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef inline real expm1_of(real x) noexcept nogil:
    """exp(x) - 1, near 0 by Taylor's series, where the difference would lose digits."""
    cdef float p, one = 1
    if real is double:
        return expm1(x)
    else:
        p = x * <float> (1. / 5040) + <float> (1. / 720)
        p = p * x + <float> (1. / 120)
        p = p * x + <float> (1. / 24)
        p = p * x + <float> (1. / 6)
        p = p * x + <float> 0.5
        return p * x * x + x if fabsf(x) < <float> 0.35 else exp_point(x) - one


cdef void elu_loop(real* x, real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # this way round NaN stays
        out[i] = x[i] if x[i] > 0 else a[i] * expm1_of(b[i] * x[i])


cdef void slope_loop(real* x, real* ab, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> 1 if x[i] > 0 else ab[i] * <real> (
            exp_point(b[i] * x[i]) if real is float else exp(b[i] * x[i]))


cdef class Elu(Op):
    """y = x where x > 0, else a * (exp(b * x) - 1)"""
    cdef double a, b

    def forward(self, cnp.ndarray x):
        cdef int kind = cnp.PyArray_TYPE(x), s = slot(x)
        self.kept = (x,)
        return map_strided(
            "elu", <loop_t> elu_loop[float] if s == FLOAT32 else <loop_t> elu_loop[double], 3, x,
            scalar_array(self.a, kind), scalar_array(self.b, kind), None, s)

    def vjp(self, g):
        x, = self.unpack()
        cdef Slope op = Slope.__new__(Slope)
        op.ab, op.b = self.a * self.b, self.b
        return g * run1(op, x)


cdef class Slope(Op):
    """dy/dx = 1 where x > 0, else ab * exp(b * x)"""
    cdef double ab, b

    def forward(self, cnp.ndarray x):
        cdef int kind = cnp.PyArray_TYPE(x), s = slot(x)
        y = map_strided(
            "elu", <loop_t> slope_loop[float] if s == FLOAT32 else <loop_t> slope_loop[double], 3,
            x, scalar_array(self.ab, kind), scalar_array(self.b, kind), None, s)
        self.kept = (x, y)
        return y

    def vjp(self, h):
        x, y = self.unpack()
        return h * (self.b * y).masked_fill(x >= 0, 0.0)       # at the kink 0, as in PyTorch


def elu(input, double a, double b):
    cdef Elu op = Elu.__new__(Elu)
    op.a, op.b = a, b
    return run1(op, as_floating(input))
