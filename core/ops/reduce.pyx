"""Reductions: sums, extremes, norms and what is built of them."""

cimport numpy as cnp

import math
from collections import namedtuple

import numpy as np

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport DIV, SQRT
from plugrad.kernels.reduce.door cimport (
    ALL, ANY, ARGMAX, ARGMIN, MAX, MIN, PROD, SUM, Reduction, reduce,
)
from plugrad.kernels.base.views cimport strided
from plugrad.ops.common cimport (
    Shape, as_floating, as_operand, axes_of, axis_of, cast, run1, scalar_array, shape_of,
)
from plugrad.ops.common import methods
from plugrad.tensor.tensor cimport Op, Tensor, detached, wrap

from plugrad.tensor import dtypes
from plugrad.ops.arithmetic import maximum, minimum, where

cnp.import_array()

Extreme = namedtuple("Extreme", ["values", "indices"])


# ---------------------------------------------------------------------------------------- summing

cdef class Sum(Op):
    """y = the sum over some dimensions"""
    cdef unsigned long long axes
    cdef bint keepdim
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        self.shape = shape_of(x)
        return reduce(SUM, x, self.axes, self.keepdim)

    def vjp(self, g):
        return spread(g, self.shape, self.axes, self.keepdim)


cdef class Mean(Op):
    """y = the sum over some dimensions / n"""
    cdef unsigned long long axes
    cdef bint keepdim
    cdef Py_ssize_t n
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.ndarray y = reduce(SUM, x, self.axes, self.keepdim)
        self.shape = shape_of(x)
        return kernels.binary(DIV, y, scalar_array(self.n, cnp.PyArray_TYPE(y)), y)

    def vjp(self, g):
        return spread(g / self.n, self.shape, self.axes, self.keepdim)


cdef class Spread(Op):
    """The reverse of Sum: x repeated along the dimensions that were summed, without a copy."""
    cdef unsigned long long axes
    cdef bint keepdim
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.npy_intp strides[32]
        cdef int i, j = 0
        self.viewing = True
        for i in range(self.shape.ndim):
            if self.axes >> i & 1:
                strides[i] = 0
                j += self.keepdim
            else:
                strides[i] = cnp.PyArray_STRIDE(x, j)
                j += 1
        return strided(x, self.shape.ndim, self.shape.sizes, strides, 0)

    def vjp(self, g):
        return summed(g, self.axes, self.keepdim)


cdef Tensor summed(Tensor x, unsigned long long axes, bint keepdim):
    cdef Sum op = Sum.__new__(Sum)
    op.axes, op.keepdim = axes, keepdim
    return op.run1(x)


cdef Tensor spread(Tensor x, Shape shape, unsigned long long axes, bint keepdim):
    cdef Spread op = Spread.__new__(Spread)
    op.axes, op.keepdim, op.shape = axes, keepdim, shape
    return op.run1(x)


cdef Py_ssize_t count(Tensor x, unsigned long long axes):
    """How many elements go into each result."""
    cdef Py_ssize_t n = 1
    for i in range(cnp.PyArray_NDIM(x.array)):
        if axes >> i & 1:
            n *= cnp.PyArray_DIM(x.array, i)
    return n


cdef Tensor floating(object input, object dtype, str what):
    """The input as floats, for what makes no sense in integers."""
    cdef Tensor x = as_operand(input)
    if dtype is not None:
        x = cast(x, dtypes.as_dtype(dtype).numpy.num)
    if not cnp.PyArray_ISFLOAT(x.array):
        raise RuntimeError(f"{what}: expected a floating point dtype, got {x.dtype}; convert it "
                           "first, e.g. with .float()")
    return x


# As in PyTorch, NumPy's names are understood: axis for dim, keepdims for keepdim.

cdef int no_out(object out, str what) except -1:
    """np.sum(x) calls x.sum(axis=..., dtype=..., out=None)."""
    if out is not None:
        raise TypeError(f"{what}: out is not supported; copy the result with out.copy_(...)")
    return 0


def sum(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False, out=None):
    """The sum over `dim` (an int, several, None for all); integers and bools give int64."""
    cdef Tensor x = as_operand(input)
    no_out(out, "sum")
    if dtype is not None:
        x = cast(x, dtypes.as_dtype(dtype).numpy.num)
    dim = axis if dim is None else dim
    return summed(x, axes_of(dim, cnp.PyArray_NDIM(x.array), "sum"), keepdim or keepdims)


def mean(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False, out=None):
    """The mean over `dim` (an int, several, None for all).  Raises RuntimeError for integers."""
    cdef Tensor x = floating(input, dtype, "mean")
    no_out(out, "mean")
    dim = axis if dim is None else dim
    cdef unsigned long long axes = axes_of(dim, cnp.PyArray_NDIM(x.array), "mean")
    cdef Py_ssize_t n = count(x, axes)
    if n == 0:
        return summed(x, axes, keepdim or keepdims) + math.nan
    cdef Mean op = Mean.__new__(Mean)
    op.axes, op.keepdim, op.n = axes, keepdim or keepdims, n
    return op.run1(x)


def var(input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None,
        keepdims=False):
    """The variance, sum((x - mean)²) / (n - correction), over `dim`.

    correction is 1 unless given (Bessel's); unbiased=False stands for correction=0.
    """
    dim = axis if dim is None else dim
    if isinstance(dim, bool):                        # var(unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    cdef Tensor x = floating(input, None, "var")
    cdef unsigned long long axes = axes_of(dim, cnp.PyArray_NDIM(x.array), "var")
    cdef Py_ssize_t n = count(x, axes)
    centered = x - summed(x, axes, True) / (n if n else math.nan)
    total = summed(centered * centered, axes, keepdim or keepdims)
    left = n - correction
    return total / left if left > 0 else total * math.nan if n == 0 else total / 0.0


def std(input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None,
        keepdims=False):
    """The standard deviation, the root of `var`; its gradient at 0 is taken as 0."""
    return run1(Root.__new__(Root), var(input, dim, unbiased, keepdim, correction=correction,
                                        axis=axis, keepdims=keepdims))


cdef class Root(Op):
    """y = sqrt(x), with gradient 0 at 0"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(SQRT, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return where(y == 0, 0.0, g / where(y == 0, 1.0, 2.0 * y))


def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """(sum |x|^p)^(1/p) over `dim`; p may be any number, inf, -inf or "fro" (2).  The gradient at
    0 is taken as 0."""
    cdef Tensor x = floating(input, dtype, "norm")
    cdef unsigned long long axes = axes_of(dim, cnp.PyArray_NDIM(x.array), "norm")
    if count(x, axes) == 0:
        return summed(x.abs(), axes, keepdim)
    if p == "fro" or p == 2:
        return run1(Root.__new__(Root), summed(x * x, axes, keepdim))
    if not isinstance(p, (int, float)):
        raise ValueError(f"norm: expected p to be a number or 'fro', got {p!r}")
    if p == math.inf:
        return amax(x.abs(), dim, keepdim)
    if p == -math.inf:
        return amin(x.abs(), dim, keepdim)
    if p == 0:
        return summed(x.sign().abs(), axes, keepdim)
    if p == 1:
        return summed(x.abs(), axes, keepdim)
    s = summed(x.abs() ** p, axes, keepdim)
    zero = s == 0                              # where the root has no gradient
    return where(zero, 0.0 if p > 0 else math.inf, where(zero, 1.0, s) ** (1.0 / p))


cdef class Cumsum(Op):
    """y[i] = x[0] + ... + x[i] along a dimension"""
    cdef int axis

    def forward(self, cnp.ndarray x):
        if cnp.PyArray_NDIM(x) == 0:
            return x.copy()
        return np.cumsum(x, self.axis, dtype=x.dtype)

    def vjp(self, g):
        return g.flip(self.axis).cumsum(self.axis).flip(self.axis)


def cumsum(input, dim=None, *, dtype=None, axis=None):
    """The running sum along `dim`; integers and bools give int64."""
    cdef Tensor x = as_operand(input)
    cdef Cumsum op = Cumsum.__new__(Cumsum)
    op.axis = axis_of(axis if dim is None else dim, cnp.PyArray_NDIM(x.array), "cumsum")
    if dtype is not None:
        x = cast(x, dtypes.as_dtype(dtype).numpy.num)
    elif not cnp.PyArray_ISFLOAT(x.array):
        x = cast(x, cnp.NPY_INT64)
    return op.run1(x)


# ----------------------------------------------------------------------------------------- product

cdef class Prod(Op):
    """y = the product over some dimensions;  dy/dx[i] = the product of all others"""
    cdef unsigned long long axes
    cdef bint keepdim
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        self.shape = shape_of(x)
        self.kept = (x,)
        return reduce(PROD, x, self.axes, self.keepdim)

    def vjp(self, g):
        x, = self.unpack()
        return spread(g, self.shape, self.axes, self.keepdim) * others(x, self.axes)


cdef Tensor others(Tensor x, unsigned long long axes):
    """For each element the product of all others that it is multiplied with.  No division, so that
    zeros are no special case: the products before and after it, by doubling (Hillis & Steele,
    1986)."""
    ndim = cnp.PyArray_NDIM(x.array)
    order = sorted(range(ndim), key=lambda i: axes >> i & 1)       # the multiplied ones last
    moved = x.permute(order)
    n = count(x, axes)
    if cnp.PyArray_SIZE(x.array) == 0:
        return x
    line = moved.reshape(-1, n)
    one = wrap(np.ones((line.shape[0], 1), x.array.dtype))
    before = join([one, line[:, :-1]])
    after = join([line[:, 1:], one])
    step = 1
    while step < n:
        before = join([before[:, :step], before[:, step:] * before[:, :-step]])
        after = join([after[:, :-step] * after[:, step:], after[:, -step:]])
        step *= 2
    back = [order.index(i) for i in range(ndim)]
    return (before * after).reshape(tuple(moved.shape)).permute(back)


cdef join(list parts):
    from plugrad.ops.shape import cat
    return cat(parts, 1)


def prod(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False, out=None):
    """The product over `dim` (None for all); integers and bools give int64."""
    cdef Tensor x = as_operand(input)
    cdef Prod op = Prod.__new__(Prod)
    no_out(out, "prod")
    if dtype is not None:
        x = cast(x, dtypes.as_dtype(dtype).numpy.num)
    op.axes = axes_of(axis if dim is None else dim, cnp.PyArray_NDIM(x.array), "prod")
    op.keepdim = keepdim or keepdims
    return op.run1(x)


# ---------------------------------------------------------------------------------------- extremes

cdef class Amax(Op):
    """y = the largest (smallest) over some dimensions; the gradient is shared among equals"""
    cdef unsigned long long axes
    cdef bint keepdim, smallest

    def forward(self, cnp.ndarray x):
        y = reduce(MIN if self.smallest else MAX, x, self.axes, self.keepdim)
        self.kept = (x, y)
        return y

    def vjp(self, g):
        cdef Tensor x, y
        cdef Shape shape
        x, y = self.unpack()
        shape = shape_of(x.array)
        top = spread(detached(y), shape, self.axes, self.keepdim)
        hit = ((x == top) | (x.isnan() & top.isnan())).to(x.dtype)
        hit = hit / summed(hit, self.axes, True)
        return spread(g, shape, self.axes, self.keepdim) * hit


cdef Tensor extreme(object input, object dim, bint keepdim, bint smallest, str what):
    cdef Tensor x = as_operand(input)
    cdef Amax op = Amax.__new__(Amax)
    op.axes = axes_of(dim, cnp.PyArray_NDIM(x.array), what)
    op.keepdim, op.smallest = keepdim, smallest
    return op.run1(x)


def amax(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The largest over `dim` (an int, several, None for all); NaN if there is one.  The gradient
    is shared evenly among equals."""
    return extreme(input, axis if dim is None else dim, keepdim or keepdims, False, "amax")


def amin(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The smallest over `dim` (an int, several, None for all); NaN if there is one.  The gradient
    is shared evenly among equals."""
    return extreme(input, axis if dim is None else dim, keepdim or keepdims, True, "amin")


cdef Tensor index_of(int code, object input, object dim, bint keepdim, str what):
    """Where the extreme is, as int64."""
    cdef Tensor x = as_operand(input)
    cdef int ndim = cnp.PyArray_NDIM(x.array)
    cdef unsigned long long axes
    if dim is None:
        return wrap(reduce(<Reduction> code, x.array, axes_of(None, ndim, what), keepdim))
    axes = 1ULL << axis_of(dim, ndim, what) if ndim else 0
    return wrap(reduce(<Reduction> code, x.array, axes, keepdim))


def argmax(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The index of the largest along `dim`, or in the flattened tensor; the first of equals."""
    return index_of(ARGMAX, input, axis if dim is None else dim, keepdim or keepdims, "argmax")


def argmin(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The index of the smallest along `dim`, or in the flattened tensor; the first of equals."""
    return index_of(ARGMIN, input, axis if dim is None else dim, keepdim or keepdims, "argmin")


cdef object best(int code, object input, object dim, bint keepdim, str what):
    """The extreme along one dimension and where it is; only the first of equals has a gradient."""
    cdef Tensor x = as_operand(input)
    cdef Tensor at = index_of(code, x, dim, True, what)
    if cnp.PyArray_NDIM(x.array) == 0:
        return Extreme(x.clone(), at)
    values = x.gather(dim, at)
    if keepdim:
        return Extreme(values, at)
    return Extreme(values.squeeze(dim), at.squeeze(dim))


def max(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """max(x): the largest element.  max(x, dim): (values, indices) of the largest along dim.
    max(x, y): the larger of two tensors, as `maximum`."""
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    dim = axis if dim is None else dim
    if dim is None:
        return amax(input)
    return best(ARGMAX, input, dim, keepdim or keepdims, "max")


def min(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """min(x): the smallest element.  min(x, dim): (values, indices) of the smallest along dim.
    min(x, y): the smaller of two tensors, as `minimum`."""
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    dim = axis if dim is None else dim
    if dim is None:
        return amin(input)
    return best(ARGMIN, input, dim, keepdim or keepdims, "min")


# ------------------------------------------------------------------------------------------- truth

cdef Tensor truth(int code, object input, object dim, bint keepdim, str what):
    cdef Tensor x = as_operand(input)
    cdef Tensor y = wrap(reduce(<Reduction> code, x.array,
                                axes_of(dim, cnp.PyArray_NDIM(x.array), what), keepdim))
    return cast(y, cnp.NPY_UINT8) if cnp.PyArray_TYPE(x.array) == cnp.NPY_UINT8 else y


def all(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """Whether all elements along `dim` are other than 0."""
    return truth(ALL, input, axis if dim is None else dim, keepdim or keepdims, "all")


def any(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """Whether any element along `dim` is other than 0."""
    return truth(ANY, input, axis if dim is None else dim, keepdim or keepdims, "any")


# ---------------------------------------------------------------------------- sums of exponentials

def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(x))) over `dim`, without overflow."""
    cdef Tensor x = as_floating(input)
    cdef unsigned long long axes = axes_of(dim, cnp.PyArray_NDIM(x.array), "logsumexp")
    if count(x, axes) == 0:
        return summed(x, axes, keepdim) - math.inf
    top = amax(x.detach(), dim, True)
    top = where(top.isfinite(), top, 0.0)
    y = summed((x - top).exp(), axes, True).log() + top
    return y if keepdim else summed(y, axes, False)


methods([sum, mean, var, std, norm, prod, amax, amin, argmax, argmin, max, min, all, any,
         logsumexp])
methods([cumsum], in_place_too=True)
