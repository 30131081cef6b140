"""Views that no order of the dimensions gives: diagonals, and windows that overlap."""

cimport numpy as cnp

import numpy as np

from plugrad.kernels.base.doors cimport zeros
from plugrad.kernels.base.views cimport strided
from plugrad.ops.common cimport Shape, as_operand, axis_of, shape_of
from plugrad.ops.common import methods
from plugrad.tensor.tensor cimport Op, Tensor

cnp.import_array()


# --------------------------------------------------------------------------------------- diagonals

cdef struct Line:
    int a, b                      # the diagonal runs through these two dimensions,
    Py_ssize_t offset             # so far above (below, if negative) the main one


cdef cnp.ndarray seen(cnp.ndarray x, Line line):
    """The diagonal as last dimension, after the others: a view."""
    cdef cnp.npy_intp sizes[32]
    cdef cnp.npy_intp strides[32]
    cdef Py_ssize_t down = max(-line.offset, 0), right = max(line.offset, 0), start
    cdef int i, last = 0
    for i in range(cnp.PyArray_NDIM(x)):
        if i != line.a and i != line.b:
            sizes[last], strides[last] = cnp.PyArray_DIM(x, i), cnp.PyArray_STRIDE(x, i)
            last += 1
    sizes[last] = max(0, min(cnp.PyArray_DIM(x, line.a) - down, cnp.PyArray_DIM(x, line.b) - right))
    strides[last] = cnp.PyArray_STRIDE(x, line.a) + cnp.PyArray_STRIDE(x, line.b)
    start = down * cnp.PyArray_STRIDE(x, line.a) + right * cnp.PyArray_STRIDE(x, line.b)
    return strided(x, last + 1, sizes, strides, start if sizes[last] else 0)


cdef class Diagonal(Op):
    """y[..., i] = x[..., i + down, ..., i + right, ...]: a view"""
    cdef Line line
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        self.shape = shape_of(x)
        self.viewing = True
        return seen(x, self.line)

    def vjp(self, g):
        return embedded(g, self.line, self.shape)


cdef class Embed(Op):
    """The reverse of Diagonal: zeros, with x on the diagonal"""
    cdef Line line
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.ndarray y = zeros(self.shape.ndim, self.shape.sizes, cnp.PyArray_TYPE(x))
        seen(y, self.line)[...] = x
        return y

    def vjp(self, g):
        cdef Diagonal op = Diagonal.__new__(Diagonal)
        op.line = self.line
        return op.run1(g)


cdef Tensor embedded(Tensor x, Line line, Shape shape):
    cdef Embed op = Embed.__new__(Embed)
    op.line, op.shape = line, shape
    return op.run1(x)


cdef Line line_of(object offset, object dim1, object dim2, int ndim, str what):
    cdef Line line
    line.a, line.b = axis_of(dim1, ndim, what), axis_of(dim2, ndim, what)
    line.offset = offset
    if ndim < 2 or line.a == line.b:
        raise RuntimeError(f"{what}: expected two different dimensions, got {dim1} and {dim2} of "
                           f"{ndim}")
    return line


def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal through two dimensions, which becomes the last one.  A view.

    offset: 0, above it k, below it -k.   Raises RuntimeError if dim1 and dim2 are one dimension.
    """
    cdef Tensor x = as_operand(input, "diagonal")
    cdef Diagonal op = Diagonal.__new__(Diagonal)
    op.line = line_of(offset, dim1, dim2, cnp.PyArray_NDIM(x.array), "diagonal")
    return op.run1(x)


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """Zeros with input's last dimension on the diagonal through the new dimensions dim1, dim2."""
    cdef Tensor x = as_operand(input, "diag_embed")
    cdef int i, ndim = cnp.PyArray_NDIM(x.array) + 1
    cdef Line line
    cdef Shape shape
    if ndim == 1:
        raise RuntimeError("diag_embed: expected at least 1 dimension, got a 0-d tensor")
    line = line_of(offset, dim1, dim2, ndim, "diag_embed")
    rest = iter(x.shape)
    shape.ndim = ndim
    for i in range(ndim):
        shape.sizes[i] = (x.shape[-1] + abs(offset) if i == line.a or i == line.b
                          else next(rest))
    return embedded(x, line, shape)


# ----------------------------------------------------------------------------------------- windows

cdef struct Windows:
    int axis
    Py_ssize_t size, step


cdef class Unfold(Op):
    """y[..., i, ..., j] = x[..., i * step + j, ...]: a view"""
    cdef Windows windows
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.npy_intp strides[32]
        cdef Shape shape = shape_of(x)
        cdef int i, axis = self.windows.axis, ndim = max(shape.ndim, 1)
        self.shape = shape_of(x)
        self.viewing = True
        if shape.ndim:
            shape.sizes[axis] = (shape.sizes[axis] - self.windows.size) // self.windows.step + 1
            for i in range(ndim):
                strides[i] = cnp.PyArray_STRIDE(x, i)
            strides[ndim] = strides[axis]
            strides[axis] *= self.windows.step
            ndim += 1
        else:
            strides[0] = cnp.PyArray_ITEMSIZE(x)
        shape.sizes[ndim - 1] = self.windows.size
        return strided(x, ndim, shape.sizes, strides, 0)

    def vjp(self, g):
        cdef Overlap op = Overlap.__new__(Overlap)
        op.windows, op.shape = self.windows, self.shape
        return op.run1(g)


cdef class Overlap(Op):
    """The reverse of Unfold: every place gets the sum over the windows that it lies in"""
    cdef Windows windows
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.ndarray y = zeros(self.shape.ndim, self.shape.sizes, cnp.PyArray_TYPE(x))
        before = (slice(None),) * self.windows.axis
        if self.shape.ndim == 0:
            return np.asarray(x.sum(dtype=x.dtype))
        reach = (x.shape[self.windows.axis] - 1) * self.windows.step + 1
        for j in range(self.windows.size):
            y[(*before, slice(j, j + reach, self.windows.step))] += x[..., j]
        return y

    def vjp(self, g):
        cdef Unfold op = Unfold.__new__(Unfold)
        op.windows = self.windows
        return op.run1(g)


def unfold(Tensor self, dimension, size, step):
    """Windows of `size` elements every `step` along a dimension; they become the last one.  A view.

    Raises RuntimeError for a size that the dimension does not hold and for steps below 1.
    """
    cdef Unfold op = Unfold.__new__(Unfold)
    cdef int ndim = cnp.PyArray_NDIM(self.array)
    op.windows.axis = axis_of(dimension, ndim, "unfold")
    op.windows.size, op.windows.step = size, step
    length = cnp.PyArray_DIM(self.array, op.windows.axis) if ndim else 1
    if not 0 <= size <= length or step < 1:
        raise RuntimeError(f"unfold: expected a size from 0 to {length}, the size of dimension "
                           f"{dimension}, and a step of at least 1, got {size} and {step}")
    axis_of(0, ndim + 1, "unfold")                  # refuses a dimension too many
    return op.run1(self)


methods([diagonal, diag_embed, unfold])
