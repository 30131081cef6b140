"""Reducing what an index sends to each place."""

import numpy as np
import plugrad as pg
from plugrad.ops import operand


class ScatterExtreme(pg.Op):
    """y = the largest (smallest) of x and of what src sends there; equals share the gradient"""

    def __init__(self, ufunc, dim, index, places):
        self.ufunc, self.dim, self.index, self.places = ufunc, dim, index, places

    def forward(self, x, src):
        y = x.copy()
        self.ufunc.at(y.reshape(-1), self.places, src)
        self.save(x, src, y)
        return y

    def vjp(self, g):
        x, src, y = self.saved
        kept = (x == y).to(g.dtype)
        sent = (src == y.gather(self.dim, self.index)).to(g.dtype)
        share = g / kept.scatter_add(self.dim, self.index, sent)
        return kept * share, sent * share.gather(self.dim, self.index)


def _products(input, places, src):
    """What is sent to one place makes a row of a table, filled up with ones: `prod` knows what to
    do with zeros."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    column = np.empty_like(places)
    column[order] = np.arange(len(places)) - np.searchsorted(ordered, ordered)
    hit, row = np.unique(places, return_inverse=True)
    width = int(column.max(initial=0)) + 1
    table = src.new_ones(len(hit) * width).scatter(
        0, pg.from_numpy(row * width + column), src.reshape(-1)).reshape(-1, width)
    flat, hit = input.reshape(-1), (pg.from_numpy(hit),)
    return pg.index_put(flat, hit, (flat[hit] * table.prod(1)).to(input.dtype))


NEUTRAL = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}


def _neutral(reduce, dtype):
    if dtype.is_floating_point or abs(NEUTRAL[reduce]) < np.inf:
        return NEUTRAL[reduce]
    lowest, highest = (0, 1) if dtype.category == 0 else (
        np.iinfo(dtype.numpy).min, np.iinfo(dtype.numpy).max)
    return lowest if reduce == "amax" else highest


def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    """A copy of x where y[index[i][j]][j] (for dim 0) is reduced with all src[i][j] sent there

    reduce: "sum", "prod", "mean", "amax" or "amin".   include_self=False: without x itself.
    Elements that nothing is sent to stay as they are.   Raises RuntimeError for another word.
    """
    input = operand(input, "scatter_reduce")
    if reduce not in NEUTRAL:
        raise RuntimeError(f"scatter_reduce: expected reduce to be one of "
                           f"{', '.join(map(repr, NEUTRAL))}, got {reduce!r}")
    shape = tuple(input.shape)
    if not include_self:
        input = pg.scatter(input, dim, index, value=_neutral(reduce, input.dtype))
    if reduce == "sum":
        return pg.scatter_add(input, dim, index, src)
    if reduce == "mean":
        total = pg.scatter_add(input, dim, index, src)
        count = pg.full(shape, int(include_self))
        count = count.scatter_add(dim, index, pg.ones(index.shape, dtype=count.dtype))
        count = count.clamp(min=1)
        return total / count if input.is_floating_point() else (total // count).to(input.dtype)
    src = src[tuple(slice(0, n) for n in index.shape)]
    places = pg.arange(input.numel()).reshape(shape).gather(dim, index).numpy()
    if reduce == "prod":
        return _products(input, places.reshape(-1), src).reshape(shape)
    ufunc = np.maximum if reduce == "amax" else np.minimum
    return ScatterExtreme(ufunc, dim, index, places)(input, src)


@pg.hookimpl
def register_ops(register):
    register(scatter_reduce, in_place=True)
