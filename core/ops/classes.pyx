"""Losses over classes: minus the log-probability of each label, from scores or from logarithms."""

cimport numpy as cnp

import numpy as np

from plugrad.kernels.rows cimport classes as kernels
from plugrad.kernels.rows.classes cimport Labels
from plugrad.ops.common cimport Shape, scalar_array, shape_of
from plugrad.ops.softmax cimport known_softmax
from plugrad.tensor.tensor cimport Op, Tensor, wrap

cnp.import_array()


cdef class ClassOp(Op):
    """A loss of labeled examples: one number, the sum times `scale`; or if `each`, all of them."""
    cdef Labels labels
    cdef double scale
    cdef bint each

    cdef cnp.ndarray reduced(self, cnp.ndarray losses):
        cdef double sum = 0
        cdef Py_ssize_t i
        cdef int kind = cnp.PyArray_TYPE(losses)
        if self.each:
            return losses
        for i in range(cnp.PyArray_SIZE(losses)):
            sum += ((<float*> cnp.PyArray_DATA(losses))[i] if kind == cnp.NPY_FLOAT
                    else (<double*> cnp.PyArray_DATA(losses))[i])
        return scalar_array(sum * self.scale, kind)

    cdef ClassOp like(self, ClassOp other):
        self.labels, self.scale, self.each = other.labels, other.scale, other.each
        return self


cdef class CrossEntropy(ClassOp):
    """y = -w[t] * log(softmax(x)[t]) for labels t        x: (M, C)   y: (M,), or its sum * scale"""

    def forward(self, cnp.ndarray x):
        p, losses = kernels.entropy(x, self.labels)
        self.kept = (p,)
        return self.reduced(losses)

    def vjp(self, g):
        cdef Tensor p
        cdef CrossEntropyGrad op = CrossEntropyGrad.__new__(CrossEntropyGrad)
        p, = self.unpack()
        return op.like(self).run2(g, known_softmax(self.parents[0], p.array, p.ndim - 1))


cdef class CrossEntropyGrad(ClassOp):
    """dx = (p - onehot(t)) * w[t] * g * scale"""

    def forward(self, cnp.ndarray g, cnp.ndarray p):
        self.kept = (g, p)
        return kernels.entropy_grad(p, g, self.labels, self.scale)

    def vjp(self, h):
        cdef Tensor g, p, w
        g, p = self.unpack()
        w = wrap(kernels.pick(np.full_like(p.array, -self.scale), self.labels)).unsqueeze(-1)
        dg = None
        if self.needs(0):
            dg = (h * p * w).sum(-1 if self.each else None) + picked(h, self)
        return dg, h * (w * (g.unsqueeze(-1) if self.each else g)) if self.needs(1) else None


cdef class NLL(ClassOp):
    """y = -w[t] * x[t] for labels t        x: (M, C, ...)   y: (M, ...), or its sum * scale"""
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        self.shape = shape_of(x)
        return self.reduced(kernels.pick(x, self.labels))

    def vjp(self, g):
        cdef NLLGrad op = NLLGrad.__new__(NLLGrad)
        op.shape = self.shape
        return op.like(self).run1(g)


cdef class NLLGrad(ClassOp):
    """dx[t] = -w[t] * g * scale, 0 elsewhere"""
    cdef Shape shape

    def forward(self, cnp.ndarray g):
        return kernels.put(g, self.labels, self.scale, self.shape.ndim, self.shape.sizes)

    def vjp(self, h):
        return picked(h, self)


cdef Tensor picked(Tensor x, ClassOp op):
    cdef NLL nll = NLL.__new__(NLL)
    return nll.like(op).run1(x)


# ----------------------------------------------------------------------------------- what is called

cdef Tensor labeled(ClassOp op, object input, object target, object weight, object ignore_index,
                    str reduction):
    """The loss, or None for anything but good labels in a common form: floats (M, C, ...), integers
    (M, ...), and None or (C,) of the floats' dtype and without gradient.  What is wrong, if
    anything, is for the caller to say."""
    cdef Tensor x, t, w
    cdef int i, ndim
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)
            and (weight is None or isinstance(weight, Tensor))):
        return None
    x, t, w = input, target, weight
    ndim = cnp.PyArray_NDIM(x.array)
    cdef int kind = cnp.PyArray_TYPE(x.array)
    cdef int dim = 0 if ndim == 1 else 1
    if (ndim == 0 or cnp.PyArray_NDIM(t.array) != ndim - 1
            or kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE):
        return None
    for i in range(ndim):
        if i != dim and cnp.PyArray_DIM(x.array, i) != cnp.PyArray_DIM(t.array, i - (i > dim)):
            return None
    if w is not None and (cnp.PyArray_TYPE(w.array) != kind or cnp.PyArray_NDIM(w.array) != 1
                          or w.requires()
                          or cnp.PyArray_DIM(w.array, 0) != cnp.PyArray_DIM(x.array, dim)):
        return None
    op.labels = kernels.labels(t.array, cnp.PyArray_DIM(x.array, dim),
                               None if w is None else w.array, ignore_index, kind)
    if op.labels is None:
        return None
    op.each = reduction == "none"
    op.scale = 1.0 / op.labels.total if reduction == "mean" else 1.0
    return op.run1(x)


def cross_entropy(input, target, weight, ignore_index, reduction):
    """-weight[t] * log(softmax(input)[t]) for scores (M, C) or (C,): see `labeled`."""
    if not isinstance(input, Tensor) or cnp.PyArray_NDIM((<Tensor> input).array) > 2:
        return None
    return labeled(CrossEntropy.__new__(CrossEntropy), input, target, weight, ignore_index,
                   reduction)


def nll(input, target, weight, ignore_index, reduction):
    """-weight[t] * input[t]: see `labeled`."""
    return labeled(NLL.__new__(NLL), input, target, weight, ignore_index, reduction)
