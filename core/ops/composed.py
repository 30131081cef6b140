"""Operations that are a line or two of others."""

import numpy as np
from plugrad.ops import arithmetic, create, index
from plugrad.ops.common import methods, operand
from plugrad.ops.shape import parts_of


def clamp_min(input, min):
    """input, but not below min (a number or a tensor)."""
    return arithmetic.clamp(input, min=min)


def clamp_max(input, max):
    """input, but not above max (a number or a tensor)."""
    return arithmetic.clamp(input, max=max)


def diag(input, diagonal=0):
    """The diagonal of a matrix (m, n), or the matrix with a vector (n,) on its diagonal

    diagonal: 0, above it k, below it -k.   Raises RuntimeError for other numbers of dimensions.
    """
    input = operand(input, "diag")
    below, right = max(0, -diagonal), max(0, diagonal)
    if input.ndim == 1:
        size = len(input) + abs(diagonal)
        i = create.arange(len(input))
        return index.scatter(input.new_zeros(size * size), 0,
                             (i + below) * size + i + right, input).reshape(size, size)
    if input.ndim != 2:
        raise RuntimeError(f"diag: expected a vector or a matrix, got shape {tuple(input.shape)}")
    m, n = input.shape
    i = create.arange(max(0, min(m - below, n - right)))
    return input[i + below, i + right]


def trace(input):
    """The sum of the diagonal of a matrix.  Raises RuntimeError for other dimensions."""
    input = operand(input, "trace")
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, got shape {tuple(input.shape)}")
    return diag(input).sum()


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of a grid, one array for each axis, from vectors or single numbers

    indexing: "ij" (axis i runs along dimension i) or "xy" (the first two swapped).
    Raises ValueError for another word.
    """
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing must be 'ij' or 'xy', got {indexing!r}")
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tensors[0]
    tensors = parts_of(tensors, "meshgrid")
    swapped = indexing == "xy" and len(tensors) > 1
    order = (tensors[1], tensors[0], *tensors[2:]) if swapped else tensors
    shape = [x.numel() for x in order]
    grids = [x.reshape([-1 if d == i else 1 for d in range(len(order))]).expand(shape)
             for i, x in enumerate(order)]
    if swapped:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


def count_nonzero(input, dim=None):
    """How many elements are not 0, of all or along dimensions."""
    return (input != 0).sum() if dim is None else (input != 0).sum(dim)


def bincount(input, weights=None, minlength=0):
    """How often each of 0, 1, 2, ... stands in a vector, or the sum of its weights there

    Raises RuntimeError for other dimensions, for floats and for negative numbers.
    """
    input = operand(input, "bincount")
    if input.ndim != 1 or input.is_floating_point() or (input.numel() and int(input.min()) < 0):
        raise RuntimeError("bincount: expected a vector of integers that are not negative, got "
                           f"{input.dtype} of shape {tuple(input.shape)}")
    minlength = create.length(minlength, "bincount")
    create.length(int(input.max()) if input.numel() else 0, "bincount")
    counts = np.bincount(input.numpy(), None if weights is None else weights.numpy(force=True),
                         minlength)
    if weights is not None and weights.dtype.is_floating_point:
        counts = counts.astype(weights.dtype.numpy)
    return create.from_numpy(np.ascontiguousarray(counts))


def unique(input, sorted=True, return_inverse=False, return_counts=False):
    """Each value once, in order        (values, inverse, counts), those that were asked for

    values[inverse] is input; counts: how often each value stands in it.
    """
    input = operand(input, "unique")
    found = np.unique(input.numpy(force=True), return_inverse=True, return_counts=True)
    values, inverse, counts = map(create.from_numpy, found)
    asked = [values]
    if return_inverse:
        asked.append(inverse.reshape(tuple(input.shape)))
    if return_counts:
        asked.append(counts)
    return asked[0] if len(asked) == 1 else tuple(asked)


def argwhere(input):
    """The indices of the elements other than 0, one row each."""
    return index.nonzero(input)


methods([clamp_min, clamp_max], in_place_too=True)
methods([diag, trace, count_nonzero, bincount, unique, argwhere])
