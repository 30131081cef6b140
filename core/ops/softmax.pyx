"""Softmax and its logarithm along one dimension."""

cimport numpy as cnp

from plugrad.kernels.rows cimport softmax as kernels
from plugrad.kernels.rows.softmax cimport LOG, PLAIN
from plugrad.ops.common cimport axis_of
from plugrad.ops.common import methods
from plugrad.ops.reduce cimport floating, summed
from plugrad.tensor.tensor cimport Op, Tensor, grad_enabled

cnp.import_array()


cdef class Softmax(Op):
    """y = exp(x) / sum(exp(x)) along a dimension"""
    cdef int axis

    def forward(self, cnp.ndarray x):
        y = kernels.softmax(PLAIN, x, self.axis)
        self.kept = (y,)
        return y

    def vjp(self, g):
        cdef SoftmaxGrad op = SoftmaxGrad.__new__(SoftmaxGrad)
        y, = self.unpack()
        op.axis = self.axis
        return op.run2(g, y)


cdef class SoftmaxGrad(Op):
    """dx = y * (g - sum(g * y))"""
    cdef int axis

    def forward(self, cnp.ndarray g, cnp.ndarray y):
        self.kept = (g, y)
        return kernels.softmax_grad(PLAIN, g, y, self.axis)

    def vjp(self, h):
        cdef Tensor hy
        cdef SoftmaxGrad op = SoftmaxGrad.__new__(SoftmaxGrad)
        g, y = self.unpack()
        op.axis = self.axis
        dg = op.run2(h, y) if self.needs(0) else None        # as from g to dx: it is symmetric
        if not self.needs(1):
            return dg, None
        hy, gy = h * y, g * y
        axes = 1ULL << self.axis
        return dg, h * (g - summed(gy, axes, True)) - g * summed(hy, axes, True)


cdef class LogSoftmax(Op):
    """y = x - log(sum(exp(x))) along a dimension"""
    cdef int axis

    def forward(self, cnp.ndarray x):
        y = kernels.softmax(LOG, x, self.axis)
        self.kept = (y,)
        return y

    def vjp(self, g):
        cdef LogSoftmaxGrad op = LogSoftmaxGrad.__new__(LogSoftmaxGrad)
        y, = self.unpack()
        op.axis = self.axis
        return op.run2(g, y)


cdef class LogSoftmaxGrad(Op):
    """dx = g - exp(y) * sum(g)"""
    cdef int axis

    def forward(self, cnp.ndarray g, cnp.ndarray y):
        self.kept = (g, y)
        return kernels.softmax_grad(LOG, g, y, self.axis)

    def vjp(self, h):
        cdef Tensor hp
        g, y = self.unpack()
        axes = 1ULL << self.axis
        hp = h * y.exp()
        dg = h - summed(hp, axes, True) if self.needs(0) else None
        return dg, -(hp * summed(g, axes, True)) if self.needs(1) else None


cdef Tensor known_softmax(object parent, cnp.ndarray y, int axis):
    """y as softmax(x) would give it, for an operation that has y and where x came from."""
    cdef Softmax op = Softmax.__new__(Softmax)
    op.axis = axis
    op.kept = (y,)
    if grad_enabled() and parent is not None:
        op.parents = (parent,)
        op.recording = True
    return op.finish(y, None, None, None)


def softmax(input, dim, dtype=None):
    """exp(x) / sum(exp(x)) along `dim`   (Bridle, 1990)"""
    cdef Tensor x = floating(input, dtype, "softmax")
    cdef Softmax op = Softmax.__new__(Softmax)
    op.axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "softmax")
    return op.run1(x)


def log_softmax(input, dim, dtype=None):
    """log(softmax(x)) along `dim`, without loss of precision."""
    cdef Tensor x = floating(input, dtype, "log_softmax")
    cdef LogSoftmax op = LogSoftmax.__new__(LogSoftmax)
    op.axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "log_softmax")
    return op.run1(x)


methods([softmax, log_softmax])
