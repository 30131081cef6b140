"""Statistics: means without NaN, moments in pairs, covariances, histograms, distances."""

import numpy as np
import plugrad as pg
from plugrad.ops import axis_of, length, operand


def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim`, NaN counting as 0."""
    input = operand(input, "nansum")
    return pg.sum(pg.where(input.isnan(), 0, input), dim, keepdim, dtype=dtype)


def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim` of what is not NaN.  Raises RuntimeError for integers."""
    input = operand(input, "nanmean")
    if not input.is_floating_point():
        raise RuntimeError(f"nanmean: expected a floating point dtype, got {input.dtype}; convert "
                           "it first, e.g. with .float()")
    return nansum(input, dim, keepdim, dtype=dtype) / (~input.isnan()).sum(dim, keepdim)


def var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """(var, mean) over `dim`, as the functions of these names."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return (pg.var(input, dim, unbiased, keepdim, correction=correction),
            pg.mean(input, dim, keepdim))


def std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """(std, mean) over `dim`, as the functions of these names."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return (pg.std(input, dim, unbiased, keepdim, correction=correction),
            pg.mean(input, dim, keepdim))


def cov(input, *, correction=1, fweights=None, aweights=None):
    """sum_i w_i (x_i - mean) (x_i - mean)' / norm        input: (k, n), or (n,) for k = 1

    w: fweights (how often each observation was made) times aweights (how much it counts); norm:
    sum w - correction * sum(w * aweights) / sum w.   y: (k, k), or () for k = 1.
    """
    input = operand(input, "cov")
    if input.ndim > 2:
        raise RuntimeError(f"cov: expected at most 2 dimensions, got shape {tuple(input.shape)}")
    x = input.reshape(1, -1) if input.ndim < 2 else input
    x = x if x.is_floating_point() else x.float()
    w = _weights(x, fweights, "fweights") * _weights(x, aweights, "aweights")
    total = w.sum()
    mean = (x * w).sum(1, keepdim=True) / total
    spread = total if aweights is None else (w * aweights).sum() / total
    norm = total - correction * (1 if aweights is None else spread)
    centered = x - mean
    c = (centered * w) @ centered.mT / norm.clamp(min=0)
    return c.reshape(()) if len(c) == 1 else c


def _weights(x, given, name):
    if given is None:
        return x.new_ones(x.shape[1])
    if tuple(given.shape) != (x.shape[1],) or (given.numel() and (given < 0).any()):
        raise RuntimeError(f"cov: expected {name} as a vector of {x.shape[1]} numbers that are not "
                           f"negative, got shape {tuple(given.shape)}")
    return given.to(x.dtype)


def corrcoef(input):
    """The correlations c_ij / sqrt(c_ii c_jj) of the rows of a matrix, c = cov(input)."""
    c = cov(input)
    if c.ndim == 0:
        return c / c
    deviation = c.diagonal().sqrt()
    return (c / deviation.unsqueeze(1) / deviation).clamp(-1, 1)


def histc(input, bins=100, min=0, max=0):
    """How many elements lie in each of `bins` intervals of one length from min to max

    min = max: from the smallest to the largest element.   Raises RuntimeError for integers, for
    bounds that are not finite and for max < min.
    """
    input = operand(input, "histc")
    bins = length(bins, "histc")
    if not input.is_floating_point() or bins < 1:
        raise RuntimeError(f"histc: expected floats and at least 1 bin, got {input.dtype} and "
                           f"{bins} bins")
    x = input.numpy(force=True).reshape(-1)
    low, high = (x.min(), x.max()) if min == max and x.size else (min, max)
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise RuntimeError(f"histc: expected finite bounds, min below max, got {low} and {high}")
    if low == high:
        low, high = low - 1, high + 1
    x = x[(x >= low) & (x <= high)]
    bin_of = np.minimum(((x - low) / (high - low) * bins).astype(np.int64), bins - 1)
    return pg.from_numpy(np.bincount(bin_of, minlength=bins).astype(input.dtype.numpy))


def dist(input, other, p=2):
    """The p-norm of input - other."""
    return pg.norm(input - other, p)


def cdist(x1, x2, p=2.0, compute_mode=None):
    """y[..., i, j] = the p-norm of x1[..., i, :] - x2[..., j, :]

    x1: (..., P, M)   x2: (..., R, M)   y: (..., P, R).   The gradient at distance 0 is 0.
    compute_mode: PyTorch's choice among ways to compute, which has no say here.
    """
    x1, x2 = operand(x1, "cdist"), operand(x2, "cdist")
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError("cdist: expected 2 or more dimensions, the last of one size, got shapes "
                           f"{tuple(x1.shape)} and {tuple(x2.shape)}")
    if not p >= 0:
        raise RuntimeError(f"cdist: expected p of 0 or more, got {p}")
    return pg.norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


# --------------------------------------------------------------------- differences and integrals

def diff(input, n=1, dim=-1, prepend=None, append=None):
    """The n-th differences, y[i] = x[i + 1] - x[i], along `dim`; of bools whether they differ."""
    input = operand(input, "diff")
    if input.ndim == 0:
        raise RuntimeError("diff: expected at least 1 dimension, got a 0-d tensor")
    if n < 0:
        raise RuntimeError(f"diff: expected n of 0 or more, got {n}")
    axis = axis_of(dim, input.ndim, "diff")
    parts = [x for x in (prepend, input, append) if x is not None]
    x = pg.cat(parts, axis) if len(parts) > 1 else input
    for _ in range(min(n, x.shape[axis])):
        after, before = _from(x, axis, 1, None), _from(x, axis, 0, -1)
        x = after ^ before if x.dtype.category == 0 else after - before
    return x


def _from(x, axis, start, stop):
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _trapezoids(y, x, dx, dim, what):
    """The area between neighbors along `dim`."""
    if x is not None and dx is not None:
        raise TypeError(f"{what}: expected x or dx, got both")
    axis = axis_of(dim, y.ndim, what)
    if x is not None:
        dx = diff(x, dim=dim) if x.ndim == y.ndim else diff(x)
        dx = dx if x.ndim == y.ndim else dx.reshape([-1] + [1] * (y.ndim - 1 - axis))
    return (_from(y, axis, 1, None) + _from(y, axis, 0, -1)) * (1 if dx is None else dx) / 2


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """sum_i (x[i + 1] - x[i]) (y[i + 1] + y[i]) / 2 along `dim`; without x, places dx (1) apart."""
    return _trapezoids(y, x, dx, dim, "trapezoid").sum(dim)


def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """The running sums of which `trapezoid` is the last."""
    return _trapezoids(y, x, dx, dim, "cumulative_trapezoid").cumsum(dim)


trapz = trapezoid


@pg.hookimpl
def register_ops(register):
    register(nansum, nanmean, cov, corrcoef, histc, dist, diff)
    register(var_mean, std_mean, cdist, cumulative_trapezoid, method=False)
    register(trapezoid, method=False, aliases=("trapz",))
