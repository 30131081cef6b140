"""Sequences, images and volumes of another size."""

from functools import partial
from math import floor

import numpy as np
from plugrad.nn import functional
from plugrad.ops.create import check_size, from_numpy
from plugrad.tensor.arguments import choice, integer, number
from plugrad.tensor.dtypes import float64
from plugrad.tensor.words import warn

MODES = {"nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3), "linear": (1,),
         "bilinear": (2,), "bicubic": (2,), "trilinear": (3,)}       # -> how many axes each takes
ROUGH = ("nearest", "nearest-exact", "area")                         # have no align_corners


def nearest(n, m, scale, exact, real):
    """For m places, which of n pixels each has; rounded to float32 at the end, as PyTorch's are."""
    step = real(1 / scale if scale else n / m)
    if exact:
        at = (np.arange(m) + 0.5) * np.float64(step)
    elif m in (n, 2 * n):
        return (np.arange(m) * n // m)[None], None
    else:
        at = np.arange(m, dtype=real) * step
    return np.minimum(at.astype(np.float32).astype(np.int64), n - 1)[None], None


def step_of(n, m, scale, align_corners, real):
    """From one of m places to the next in n pixels."""
    if align_corners:
        return real(n - 1) / real(m - 1) if m > 1 else real(0)
    return real(1 / scale if scale else n / m)


def places(n, m, scale, align_corners, real):
    """For m places, where among n pixels each lies: 0 and n - 1 are the centers of the outer ones,
    or, with align_corners, the outermost places."""
    step, i = step_of(n, m, scale, align_corners, real), np.arange(m, dtype=real)
    return i * step if align_corners else (i + real(0.5)) * step - real(0.5)


def linear(n, m, *how):
    """For m places the two pixels around each, and how much each counts."""
    at = places(n, m, *how).clip(0)
    first = np.minimum(at.astype(np.int64), n - 1)
    t = (at - first.astype(at.dtype)).clip(0, 1)
    return np.stack([first, np.minimum(first + 1, n - 1)]), np.stack([1 - t, t])


def tent(s):
    """How much a pixel at distance s counts in linear interpolation."""
    return (1 - abs(s)).clip(0)


def keys(s, a):
    """How much a pixel at distance s counts in cubic interpolation   (Keys, 1981)"""
    s = abs(s)
    near, far = ((a + 2) * s - (a + 3)) * s * s + 1, ((s - 5) * s + 8) * s * a - 4 * a
    return np.where(s <= 1, near, far) * (s < 2)


def cubic(n, m, *how):
    """For m places the four pixels around each, and how much each counts."""
    at = places(n, m, *how)
    first = np.floor(at)
    four = np.arange(-1, 3, dtype=at.dtype)[:, None]
    return (first + four).astype(np.int64).clip(0, n - 1), keys(at - first - four, -0.75)


def smooth(mode, n, m, scale, align_corners, real):
    """For m places all pixels that count when they are fewer than the pixels: the filter is as much
    wider as there are pixels more."""
    step = step_of(n, m, scale, align_corners, real)
    wide, half = np.maximum(step, real(1)), real(0.5)
    reach = wide if mode == "bilinear" else 2 * wide
    center = step * (np.arange(m, dtype=real) + half)
    first = (center - reach + half).astype(np.int64).clip(0)
    past = (center + reach + half).astype(np.int64).clip(None, n)
    at = first + np.arange((past - first).max())[:, None]
    s = (at.astype(real) - center + half) / wide
    weights = (tent(s) if mode == "bilinear" else keys(s, -0.5)) * (at < past)
    return at.clip(0, n - 1), weights / weights.sum(0)


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None,
                recompute_scale_factor=None, antialias=False):
    """y[n, c, i] = Σ of the x[n, c, j] near place i: see nn.Upsample for the options.

    input: (N, C, L), (N, C, H, W) or (N, C, D, H, W)   recompute_scale_factor: use that of the
    whole numbers that the sizes are.   antialias: a smaller image is of all pixels of the larger
    one ("bilinear" and "bicubic").   Raises ValueError for options that do not go together,
    NotImplementedError for a mode that other inputs have.
    """
    ndim = input.ndim - 2
    choice(mode, "interpolate: mode", MODES)
    if ndim not in MODES[mode]:
        dims = " or ".join(f"{n + 2}D" for n in MODES[mode])
        raise NotImplementedError(f"interpolate: mode {mode!r} takes {dims} input (N, C, ...), got "
                                  f"shape {tuple(input.shape)}")
    if mode in ROUGH and align_corners is not None:
        raise ValueError(f"interpolate: expected no align_corners with mode {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError("interpolate: expected antialias with mode 'bilinear' or 'bicubic', got "
                         f"{mode!r}")
    if mode not in ROUGH and not input.is_floating_point():
        raise NotImplementedError(f"interpolate: mode {mode!r} takes floats, got {input.dtype}; "
                                  "convert them with .float()")
    before = input.shape[2:]
    sizes, scales = wanted(before, size, scale_factor, recompute_scale_factor)
    if min(*before, *sizes) < 1:
        raise RuntimeError(f"interpolate: expected sizes of at least 1, got {tuple(before)} to "
                           f"become {tuple(sizes)}")
    check_size("interpolate", (*input.shape[:-len(sizes)], *sizes))
    if mode == "area":
        return getattr(functional, f"adaptive_avg_pool{ndim}d")(input, sizes)
    x, real = input, np.float64 if input.dtype is float64 else np.float32
    for axis in reversed(range(ndim)):
        how = before[axis], sizes[axis], scales[axis]
        if mode in ROUGH:
            x = resampled(x, axis + 2, *nearest(*how, mode == "nearest-exact", real))
            continue
        taps = partial(smooth, mode) if antialias else cubic if mode == "bicubic" else linear
        x = resampled(x, axis + 2, *taps(*how, align_corners, real))
    return x


def wanted(before, size, scale_factor, recompute):
    """The sizes that are asked for, and the scale factors, None where the sizes tell them."""
    n, given = len(before), size if scale_factor is None else scale_factor
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: expected either size or scale_factor, got "
                         + ("neither" if size is None else "both"))
    given = tuple(given) if isinstance(given, (tuple, list)) else (given,) * n
    if len(given) != n:
        raise ValueError(f"interpolate: expected one number, or {n} for input (N, C, ...) with "
                         f"sizes {tuple(before)}, got {given}")
    if size is not None:
        if recompute:
            raise ValueError("interpolate: recompute_scale_factor has no meaning with size")
        return [integer(m, "interpolate: size") for m in given], [None] * n
    sizes = [floor(m * number(scale, "interpolate: scale_factor"))
             for m, scale in zip(before, given)]
    return sizes, [None] * n if recompute else [scale if scale > 0 else None for scale in given]


def resampled(x, axis, at, weights):
    """Σ_t weights[t] * x[at[t]] along an axis."""
    parts = [x.index_select(axis, from_numpy(i)) for i in at]
    if weights is None:
        return parts[0]
    shape = (-1,) + (1,) * (x.ndim - 1 - axis)
    terms = [part * from_numpy(w).reshape(shape) for part, w in zip(parts, weights)]
    return sum(terms[1:], terms[0])


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """`interpolate`, under its old name."""
    warn("upsample is deprecated; use interpolate")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """`interpolate` with mode="nearest", under its old name."""
    return upsample(input, size, scale_factor)


def upsample_bilinear(input, size=None, scale_factor=None):
    """`interpolate` with mode="bilinear" and align_corners, under its old name."""
    return upsample(input, size, scale_factor, "bilinear", align_corners=True)
