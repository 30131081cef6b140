"""Reading and writing by index, said in assignments and scatter."""

import numpy as np
from plugrad.ops import create
from plugrad.ops import index as indexing
from plugrad.ops.common import axis_of, in_place, methods, operand
from plugrad.tensor.tensor import Tensor, attach


def select(input, dim, index):
    """The slice at one place of `dim`, without that dimension.  A view."""
    input = operand(input, "select")
    axis = _axis(input, dim, "select")
    size = input.shape[axis]
    if not -size <= index < size:
        raise IndexError(f"select: index {index} is out of bounds for dimension {dim} with size "
                         f"{size}")
    return input[(slice(None),) * axis + (int(index),)]


def narrow(input, dim, start, length):
    """The slices from start to start + length - 1 along `dim`.  A view."""
    input = operand(input, "narrow")
    axis = _axis(input, dim, "narrow")
    size = input.shape[axis]
    first = int(start) + size if start < 0 else int(start)
    if not 0 <= first <= first + length <= size:
        raise RuntimeError(f"narrow: {length} slices from {start} do not lie in dimension {dim} "
                           f"with size {size}")
    return input[(slice(None),) * axis + (slice(first, first + length),)]


def _axis(input, dim, what):
    if not input.ndim:
        raise IndexError(f"{what}: expected at least 1 dimension, got a 0-d tensor")
    return axis_of(dim, input.ndim, what)


def _whole(index, what, error=RuntimeError):
    if not isinstance(index, Tensor) or index.dtype.category != 1:
        got = index.dtype if isinstance(index, Tensor) else type(index).__name__
        raise error(f"{what}: expected the index as a tensor of integers, got {got}")
    return index


# ---------------------------------------------------------------------------------------- writing

def index_fill(input, dim, index, value):
    """A copy of x with the slices along `dim` named by a vector of indices set to a number."""
    input = operand(input, "index_fill")
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError("index_fill: expected a number or a 0-d tensor as value, got shape "
                           f"{tuple(value.shape)}")
    axis = _axis(input, dim, "index_fill")
    y = input.clone()
    y[(slice(None),) * axis + (_whole(index, "index_fill", IndexError).reshape(-1),)] = value
    return y


def index_copy(input, dim, index, source):
    """A copy of x with the slices along `dim` named by a vector of indices taken from source."""
    input, source = operand(input, "index_copy"), operand(source, "index_copy")
    axis = _axis(input, dim, "index_copy")
    index = _whole(index, "index_copy").reshape(-1)
    shape = (*input.shape[:axis], len(index), *input.shape[axis + 1:])
    if tuple(source.shape) != shape:
        raise IndexError(f"index_copy: expected source of shape {shape}, got "
                         f"{tuple(source.shape)}")
    if source.dtype is not input.dtype:
        raise RuntimeError(f"index_copy: expected source of dtype {input.dtype}, as the tensor, "
                           f"got {source.dtype}")
    if len(index) and (index < 0).any():
        raise IndexError(f"index_copy: index {index.min().item()} is out of bounds for dimension "
                         f"{dim} with size {input.shape[axis]}")
    y = input.clone()
    y[(slice(None),) * axis + (index,)] = source
    return y


def index_put(input, indices, values, accumulate=False):
    """A copy of x with x[indices] = values, or x[indices] += values where elements named twice get
    the sum.   indices: a tuple of index tensors that broadcast."""
    input, values = operand(input, "index_put"), operand(values, "index_put")
    if values.dtype is not input.dtype:
        raise RuntimeError(f"index_put: expected values of dtype {input.dtype}, as the tensor, got "
                           f"{values.dtype}")
    if not accumulate:
        y = input.clone()
        y[tuple(indices)] = values
        return y
    places = places_of(input)[tuple(indices)]
    y = indexing.scatter_add(input.reshape(-1), 0, places.reshape(-1),
                             values.expand(tuple(places.shape)).reshape(-1))
    return y.reshape(tuple(input.shape))


def places_of(input):
    """The number of each element, in input's shape."""
    return create.arange(input.numel()).reshape(tuple(input.shape))


def take(input, index):
    """The elements at these places of the flattened tensor, in the shape of the index."""
    input = operand(input, "take")
    return input.reshape(-1)[_whole(index, "take").reshape(-1)].reshape(tuple(index.shape))


def put(input, index, source, accumulate=False):
    """A copy of x with source's elements at (or added at) places of the flattened tensor."""
    input, source = operand(input, "put"), operand(source, "put")
    if _whole(index, "put").numel() != source.numel():
        raise IndexError(f"put: expected as many indices as elements of source, got "
                         f"{index.numel()} and {source.numel()}")
    y = index_put(input.reshape(-1), (index.reshape(-1),), source.reshape(-1), accumulate)
    return y.reshape(tuple(input.shape))


def masked_scatter(input, mask, source):
    """x, with the first elements of source, in order, where the mask (bool) holds."""
    input, mask, source = (operand(x, "masked_scatter") for x in (input, mask, source))
    if mask.dtype.category != 0 or source.dtype is not input.dtype:
        raise RuntimeError(f"masked_scatter: expected a mask of dtype bool and source of dtype "
                           f"{input.dtype}, got {mask.dtype} and {source.dtype}")
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    mask = mask.expand(shape)
    count = int(mask.sum())
    if source.numel() < count:
        raise RuntimeError(f"masked_scatter: the mask holds {count} times, and source has "
                           f"{source.numel()} elements")
    y = input.expand(shape).clone()
    y[mask] = source.reshape(-1)[:count]
    return y


def fill_diagonal_(self, fill_value, wrap=False):
    """Set the diagonal to a number; wrap: go on one row below the end of a tall matrix.

    Returns self.  Raises RuntimeError for vectors, and for sizes that differ in 3 or more
    dimensions.
    """
    if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
        raise RuntimeError("fill_diagonal_: expected a matrix, or more dimensions of one size, got "
                           f"shape {tuple(self.shape)}")
    rows, columns = (self.shape[0], self.shape[1])
    end = rows * columns if wrap and self.ndim == 2 else min(rows, columns) * columns
    place = np.arange(0, end, columns + 1)
    along = [place // max(columns, 1), *[place % max(columns, 1)] * (self.ndim - 1)]
    self[tuple(map(create.from_numpy, along))] = fill_value
    return self


methods([select, narrow, take])
methods([index_fill, index_copy, index_put, put, masked_scatter], in_place_too=True)
attach("fill_diagonal_", fill_diagonal_)
index_put_ = in_place(index_put)
