"""Hardswish, forward and backward in one pass each: half the time that Tensor operations take."""

cimport numpy as cnp

from plugrad.kernels.strides.mapping cimport loop_t, map_strided
from plugrad.kernels.base.typenums cimport FLOAT32, real, slot
from plugrad.ops.common cimport as_floating, run1, run2
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef void hardswish_loop(real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real z
    for i in range(n):      # this way round NaN stays
        z = x[i] + <real> 3
        z = <real> 0 if z < 0 else z
        z = <real> 6 if z > 6 else z
        out[i] = x[i] * z / <real> 6


cdef void grad_loop(real* g, real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real inside
    for i in range(n):
        inside = g[i] * (x[i] / <real> 3 + <real> 0.5)
        inside = <real> 0 if x[i] <= -3 else inside
        out[i] = g[i] if x[i] >= 3 else inside


cdef class Hardswish(Op):
    """y = x * min(max(x + 3, 0), 6) / 6"""

    def forward(self, cnp.ndarray x):
        cdef int s = slot(x)
        self.kept = (x,)
        return map_strided("hardswish", <loop_t> hardswish_loop[float] if s == FLOAT32 else
                           <loop_t> hardswish_loop[double], 1, x, None, None, None, s)

    def vjp(self, g):
        x, = self.unpack()
        return run2(HardswishGrad.__new__(HardswishGrad), g, x)


cdef class HardswishGrad(Op):
    """dx = 0 where x <= -3, g where x >= 3, and g * (x / 3 + 1 / 2) between"""

    def forward(self, cnp.ndarray g, cnp.ndarray x):
        cdef int s = slot(x)
        self.kept = (g, x)
        return map_strided("hardswish", <loop_t> grad_loop[float] if s == FLOAT32 else
                           <loop_t> grad_loop[double], 2, g, x, None, None, s)

    def vjp(self, h):
        g, x = self.unpack()
        dg = run2(HardswishGrad.__new__(HardswishGrad), h, x) if self.needs(0) else None
        if not self.needs(1):
            return dg, None
        return dg, (h * g / 3).masked_fill((x <= -3) | (x >= 3), 0.0)


def hardswish(input):
    return run1(Hardswish.__new__(Hardswish), as_floating(input))
