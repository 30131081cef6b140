"""Running products, extremes and sums of exponentials along a dimension."""

import numpy as np
import plugrad as pg
from plugrad.ops import Extreme, axis_of, operand


def cumprod(input, dim=None, *, dtype=None, axis=None):
    """The running product along `dim`, by doubling (Hillis & Steele, 1986): without a division, so
    that zeros are no special case for the gradient.  Integers and bools give int64."""
    input = operand(input, "cumprod")
    axis = axis_of(axis if dim is None else dim, input.ndim, "cumprod")
    whole = pg.int64 if not input.is_floating_point() else input.dtype
    y, step = input.to(dtype or whole), 1
    while y.ndim and step < y.shape[axis]:
        head, tail = y.split([step, y.shape[axis] - step], axis)
        y = pg.cat([head, tail * y.narrow(axis, 0, tail.shape[axis])], axis)
        step *= 2
    return y.clone() if y is input else y


def _running(input, dim, ufunc, what):
    axis = axis_of(dim, input.ndim, what)
    x = np.atleast_1d(input.numpy(force=True))
    place = np.arange(x.shape[axis]).reshape([-1] + [1] * (x.ndim - 1 - axis))
    fresh = (x == ufunc.accumulate(x, axis)) | np.isnan(x)
    at = np.maximum.accumulate(np.where(fresh, place, 0), axis)
    at = pg.from_numpy(at.reshape(tuple(input.shape)))
    return Extreme(pg.gather(input, axis, at), at)


def cummax(input, dim):
    """(values, indices) of the largest so far along `dim`; of equals the last; NaN stays."""
    return _running(input, dim, np.maximum, "cummax")


def cummin(input, dim):
    """(values, indices) of the smallest so far along `dim`; of equals the last; NaN stays."""
    return _running(input, dim, np.minimum, "cummin")


class Logcumsumexp(pg.Op):
    """y[i] = log(exp(x[0]) + ... + exp(x[i])) along the last dimension"""

    def forward(self, x):
        y = np.logaddexp.accumulate(x, -1)
        self.save(x, y)
        return y

    def vjp(self, g):
        """dx[j] = sum over i >= j of g[i] exp(x[j] - y[i]) = exp(x[j] - y[j]) h[j], where
        h[j] = g[j] + exp(y[j] - y[j + 1]) h[j + 1]; h is found by doubling, as in cumprod."""
        x, y = self.saved
        y = y.clamp(min=np.finfo(y.dtype.numpy).min)             # -inf - -inf is no number
        h, ratio, step = g, (y[..., :-1] - y[..., 1:]).exp(), 1
        while step < y.shape[-1]:
            h = pg.cat([h[..., :-step] + ratio * h[..., step:], h[..., -step:]], -1)
            ratio = ratio[..., :-step] * ratio[..., step:]
            step *= 2
        return (x - y).exp() * h


def logcumsumexp(input, dim):
    """log of the running sum of exp(x) along `dim`, without overflow."""
    input = operand(input, "logcumsumexp")
    axis = axis_of(dim, input.ndim, "logcumsumexp")
    if not input.is_floating_point():
        raise RuntimeError(f"logcumsumexp: expected a floating point dtype, got {input.dtype}")
    if not input.ndim:
        return input.clone()
    return Logcumsumexp()(input.movedim(axis, -1)).movedim(-1, axis)


@pg.hookimpl
def register_ops(register):
    register(cumprod, in_place=True)
    register(cummax, cummin, logcumsumexp)
