"""Images whose pixels are taken from places that a grid names (Jaderberg et al., 2015)."""

from itertools import product
from math import prod

from plugrad.ops.arithmetic import where
from plugrad.ops.composed import meshgrid
from plugrad.ops.create import arange, full_like, ones
from plugrad.ops.shape import stack
from plugrad.tensor.arguments import choice
from plugrad.tensor.words import warn

MODES = ("bilinear", "nearest")
PADDING_MODES = ("zeros", "border", "reflection")
DEFAULT = ("{}: align_corners=False is the default: -1 and 1 are the outer edges of the outer "
           "pixels, not their centers; say which of the two you want")


def affine_grid(theta, size, align_corners=None):
    """grid[n, i, j] = theta[n] @ (x_j, y_i, 1): a rotated, scaled, moved image, for `grid_sample`

    theta: (N, 2, 3) for a size (N, C, H, W), (N, 3, 4) for (N, C, D, H, W)
    grid: (N, H, W, 2) or (N, D, H, W, 3); places run from -1 to 1 (see `grid_sample`).
    Raises ValueError for integers, another shape and empty sizes.
    """
    if align_corners is None:
        warn(DEFAULT.format("affine_grid"))
    n = len(size) - 2
    if n not in (2, 3) or tuple(theta.shape) != (size[0], n, n + 1) or min(size) < 1:
        raise ValueError("affine_grid: expected theta (N, 2, 3) and a size (N, C, H, W), or (N, 3, "
                         f"4) and (N, C, D, H, W), not empty, got {tuple(theta.shape)} and "
                         f"{tuple(size)}")
    if not theta.is_floating_point():
        raise ValueError(f"affine_grid: expected theta of floats, got {theta.dtype}")
    axes = []
    for m in size[2:]:
        steps = 2 * arange(m, dtype=theta.dtype) - (m - 1)         # m numbers around 0, 2 apart
        axes.append(steps / (max(m - 1, 1) if align_corners else m))
    places = stack([*reversed(meshgrid(*axes)), ones(size[2:], dtype=theta.dtype)], -1)
    rows = places.reshape(1, -1, n + 1) @ theta.mT                  # (N, H * W, n)
    return rows.reshape(size[0], *size[2:], n)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """y[n, c, i, j] = the pixel of input[n, c] at place grid[n, i, j] = (x, y)

    input: (N, C, H, W) or (N, C, D, H, W)   grid: (N, OH, OW, 2) or (N, OD, OH, OW, 3)
    A place of -1 is the left (upper) edge, 1 the right; with align_corners the centers of the outer
    pixels, else their outer edges.   mode: "bilinear" or "nearest".   padding_mode, of places
    outside: "zeros", "border" (the nearest pixel) or "reflection".   RuntimeError for other shapes.
    """
    choice(mode, "grid_sample: mode", MODES)
    choice(padding_mode, "grid_sample: padding_mode", PADDING_MODES)
    if align_corners is None:
        warn(DEFAULT.format("grid_sample"))
    n, (batch, channels) = input.ndim - 2, input.shape[:2]
    if n not in (2, 3) or grid.ndim != n + 2 or grid.shape[-1] != n or grid.shape[0] != batch:
        raise RuntimeError("grid_sample: expected input (N, C, H, W) and grid (N, OH, OW, 2), or "
                           "(N, C, D, H, W) and (N, OD, OH, OW, 3), got "
                           f"{tuple(input.shape)} and {tuple(grid.shape)}")
    if input.dtype is not grid.dtype or 0 in input.shape[2:]:
        raise RuntimeError("grid_sample: expected an input that is not empty, and a grid of its "
                           f"dtype, got {input.dtype} {tuple(input.shape)} and {grid.dtype}")
    sizes = tuple(input.shape[2:])
    points = grid.reshape(batch, 1, prod(grid.shape[1:-1]), n)
    places = [placed(points[..., n - 1 - axis], m, padding_mode, align_corners)
              for axis, m in enumerate(sizes)]                      # n times (N, 1, OH * OW)
    pixels = input.reshape(batch, channels, prod(sizes))
    if mode == "nearest":
        y = taken(pixels, [at.detach().round() for at in places], sizes)
    else:
        firsts = [at.detach().floor() for at in places]
        parts = []
        for corner in product((0, 1), repeat=n):
            weight = 1
            for at, first, end in zip(places, firsts, corner):
                weight = weight * (at - first if end else first + 1 - at)
            at = [first + end for first, end in zip(firsts, corner)]
            parts.append(weight * taken(pixels, at, sizes))
        y = sum(parts)
    return y.reshape(batch, channels, *grid.shape[1:-1])


def placed(x, m, padding_mode, align_corners):
    """Places from -1 to 1 as numbers of m pixels, with those outside brought in."""
    at = (x + 1) / 2 * (m - 1) if align_corners else ((x + 1) * m - 1) / 2
    if padding_mode == "zeros":
        return at
    if padding_mode == "reflection":
        low, span = (0.0, m - 1) if align_corners else (-0.5, m)
        at = reflected(at, low, span)
    # Unlike clamp, no gradient at the very border either.
    return where((at > 0) & (at < m - 1), at, at.detach().clamp(0, m - 1))


def reflected(at, low, span):
    """Places as seen in mirrors at low and low + span."""
    if span == 0:
        return full_like(at, low)
    away = where(at < low, low - at, at - low)
    times = (away.detach() / span).floor()
    rest = away - times * span
    return where(times % 2 == 0, rest + low, span + low - rest)


def taken(pixels, places, sizes):
    """The pixels (N, C, H * W) at whole places, n times (N, 1, K); 0 for those outside."""
    inside, flat = 1, 0
    for at, m in zip(places, sizes):
        inside = inside * ((at >= 0) & (at < m)).to(pixels.dtype)
        flat = flat * m + at.clamp(0, m - 1).long()
    return pixels.gather(-1, flat.expand(-1, pixels.shape[1], -1)) * inside
