"""What the order of the elements tells: medians, quantiles, extremes, the most frequent."""

from collections import namedtuple

import numpy as np
import plugrad as pg
from plugrad.ops import Extreme, axis_of, operand

MinMax = namedtuple("MinMax", ["min", "max"])


def _picked(input, axis, at, keepdim):
    """(values, indices) at one place, an array with dimension `axis` of size 1, of each row."""
    at = pg.from_numpy(np.asarray(at, np.int64))
    values = pg.gather(input, axis, at)
    if keepdim or input.ndim == 0:
        return Extreme(values, at)
    return Extreme(values.squeeze(axis), at.squeeze(axis))


def _ranked(input, axis, rank, keepdim):
    """(values, indices) of the element that sorting puts at `rank`, an array, in each row."""
    order = pg.argsort(input, axis).numpy()
    at = np.take_along_axis(order, rank, axis) if input.ndim else order
    return _picked(input, axis, at, keepdim)


def _not_empty(input, axis, what):
    if input.ndim and input.shape[axis] == 0:
        raise IndexError(f"{what}: expected elements along dimension {axis}, got shape "
                         f"{tuple(input.shape)}")
    return input


def _solid(input, axis):
    """How many elements of each row are no NaN."""
    return np.sum(~np.isnan(input.numpy(force=True)), axis, keepdims=input.ndim > 0)


def kthvalue(input, k, dim=-1, keepdim=False):
    """(values, indices) of the k-th smallest along `dim`, counted from 1; NaN is the largest."""
    input = operand(input, "kthvalue")
    axis = axis_of(dim, input.ndim, "kthvalue")
    size = input.shape[axis] if input.ndim else 1
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue: expected k from 1 to {size}, the size of dimension {dim}, "
                           f"got {k}")
    rank = np.full_like(_solid(input, axis), k - 1)
    return _ranked(input, axis, rank, keepdim)


def median(input, dim=None, keepdim=False):
    """median(x): the median, of two the lower; NaN if there is one; equals share the gradient.
    median(x, dim): (values, indices) along dim."""
    input = operand(input, "median")
    if dim is None:
        return _of_all(input, median)
    axis = axis_of(dim, input.ndim, "median")
    count = _solid(_not_empty(input, axis, "median"), axis)
    size = input.shape[axis] if input.ndim else 1
    return _ranked(input, axis, np.where(count < size, count, (size - 1) // 2), keepdim)


def nanmedian(input, dim=None, keepdim=False):
    """As median, of the elements that are not NaN; NaN if there are none."""
    input = operand(input, "nanmedian")
    if dim is None:
        return _of_all(input, nanmedian)
    axis = axis_of(dim, input.ndim, "nanmedian")
    count = _solid(_not_empty(input, axis, "nanmedian"), axis)
    return _ranked(input, axis, np.maximum(count - 1, 0) // 2, keepdim)


def _of_all(input, along):
    flat = input.reshape(-1)
    if not len(flat):
        return pg.sum(flat) + np.nan
    value = along(flat.detach(), 0).values
    equals = flat.isnan() if value.isnan() else flat == value
    return pg.amax(pg.masked_select(flat, equals))


def mode(input, dim=-1, keepdim=False):
    """(values, indices) of the most frequent value along `dim`, of several the smallest; the index
    is that of its last occurrence."""
    input = operand(input, "mode")
    axis = axis_of(dim, input.ndim, "mode")
    if input.ndim == 0:
        return _picked(input, axis, 0, keepdim)
    order = pg.argsort(_not_empty(input, axis, "mode"), axis).numpy()
    order = np.moveaxis(order, axis, -1)
    ordered = np.take_along_axis(np.moveaxis(input.numpy(force=True), axis, -1), order, -1)
    place = np.arange(ordered.shape[-1])
    fresh = np.ones(ordered.shape, bool)
    fresh[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    length = place - np.maximum.accumulate(np.where(fresh, place, 0), -1)
    at = np.take_along_axis(order, length.argmax(-1)[..., None], -1)
    return _picked(input, axis, np.moveaxis(at, -1, axis), keepdim)


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The values below which the parts q of the elements along `dim` lie; NaN if one is NaN.

    q: a number or a vector, which becomes the first dimension.   interpolation between the
    neighbors: "linear", "lower", "higher", "nearest" or "midpoint".   Raises RuntimeError for
    q outside of [0, 1], for integers and for no elements, ValueError for another word.
    """
    return _quantile(input, q, dim, keepdim, interpolation, "quantile")


def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """As quantile, of the elements that are not NaN; NaN if there are none."""
    return _quantile(input, q, dim, keepdim, interpolation, "nanquantile")


def _quantile(input, q, dim, keepdim, interpolation, what):
    input = operand(input, what)
    if interpolation not in POSITIONS:
        raise ValueError(f"{what}: expected interpolation to be one of "
                         f"{', '.join(map(repr, POSITIONS))}, got {interpolation!r}")
    q = q if isinstance(q, pg.Tensor) else pg.full((), q, dtype=input.dtype)
    if not input.is_floating_point() or q.dtype is not input.dtype or q.ndim > 1:
        raise RuntimeError(f"{what}: expected floats, and q as a number or vector of the same "
                           f"dtype, got {input.dtype} and q of {q.dtype} and shape "
                           f"{tuple(q.shape)}")
    parts = q.detach().reshape(-1)
    if not input.numel() or not ((parts >= 0) & (parts <= 1)).all():
        raise RuntimeError(f"{what}: expected elements, and q from 0 to 1, got shape "
                           f"{tuple(input.shape)} and q {q.tolist()}")
    axis = 0 if dim is None else axis_of(dim, input.ndim, what)
    rows = (input.reshape(-1) if dim is None or not input.ndim else input).movedim(axis, -1)
    size = rows.shape[-1]
    count = (~rows.detach().isnan()).sum(-1, keepdim=True)
    rank = parts * (count - 1).clamp(min=0)                                # (..., len(parts))
    if what == "quantile":
        rank = pg.where(count < size, size - 1, rank)              # where NaN is sorted to
    values = _interpolated(pg.sort(rows).values, POSITIONS[interpolation](rank))
    if keepdim:
        shape = [1] * input.ndim if dim is None else values.shape[:-1]
        values = (values.reshape(*shape, -1) if dim is None or not input.ndim
                  else values.unsqueeze(axis))
    return values.movedim(-1, 0) if q.ndim else values.squeeze(-1)


def _interpolated(ordered, position):
    """The values at fractional places of the last dimension."""
    below = position.floor()
    part, below, above = position - below, below.long(), position.ceil().long()
    values = pg.gather(ordered, -1, below)
    return values.lerp(pg.gather(ordered, -1, above), part) if part.any() else values


POSITIONS = {
    "linear": lambda rank: rank,
    "lower": lambda rank: rank.floor(),
    "higher": lambda rank: rank.ceil(),
    "nearest": lambda rank: rank.round(),
    "midpoint": lambda rank: (rank.floor() + rank.ceil()) / 2,
}


def aminmax(input, *, dim=None, keepdim=False):
    """(min, max) of all elements, or along `dim`; equals share the gradient."""
    return MinMax(pg.amin(input, dim, keepdim), pg.amax(input, dim, keepdim))


@pg.hookimpl
def register_ops(register):
    register(kthvalue, median, nanmedian, mode, quantile, nanquantile, aminmax)
