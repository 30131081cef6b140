"""What transforms of images share.  An image is a tensor (C, H, W); where the channels do not
matter, (..., H, W), one image or a batch."""

import math

import numpy as np
from plugrad.nn import functional
from plugrad.nn.windows import sizes
from plugrad.ops.arithmetic import where
from plugrad.ops.create import empty, from_numpy, randint
from plugrad.tensor.arguments import number, unexpected
from plugrad.tensor.dtypes import float64, uint8
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import described

BORDERS = "constant", "edge", "reflect", "symmetric"
MODES = "nearest", "nearest-exact", "bilinear", "bicubic"
GRAY = 0.2989, 0.587, 0.114             # how much red, green and blue count   (ITU-R BT.601)


class Transform:
    """A transform of images whose subclass defines forward(img), for a tensor (..., C, H, W).

    An array (H, W) or (H, W, C) and a PIL image are taken as well, and come back as an array.
    Prints as it is written; a subclass keeps the options of its constructor as attributes.
    """

    def __call__(self, img):
        return as_tensors(self.forward, img, 2)

    def __repr__(self):
        return described(self)


class FixedTransform(Transform):
    """One that does the same to every image, and so to a whole batch at once."""

    def batch(self, imgs):
        """N images: a tensor (N, C, H, W), or an array (N, H, W) or (N, H, W, C)."""
        return as_tensors(self.forward, imgs, 3)


def as_tensors(forward, x, gray):
    """forward(x); an array with its channels last, or with `gray` axes and none, goes through it
    as a tensor."""
    if isinstance(x, Tensor) or not hasattr(x, "__array_interface__"):
        return forward(x)
    x = as_array(x)
    if x.ndim not in (gray, gray + 1):
        return forward(x)                                       # which refuses it
    planes = x[..., None] if x.ndim == gray else x
    y = forward(from_numpy(np.moveaxis(planes, -1, -3).copy())).numpy()
    y = np.moveaxis(y, -3, -1)
    return y[..., 0] if x.ndim == gray else y


def as_array(image):
    """The pixels of an array or a PIL image."""
    array = np.asarray(image)
    if array.dtype == bool and not isinstance(image, np.ndarray):
        return array * np.uint8(255)                            # PIL's black-and-white mode
    return array


def check(x, name, channels=()):
    """x, which must be a tensor (..., H, W), or with one of these numbers of channels
    (..., C, H, W).  Raises TypeError; name: how it calls the transform."""
    form = "(..., channels, height, width)" if channels else "(..., height, width)"
    if not isinstance(x, Tensor) or x.ndim < (3 if channels else 2):
        got = f"a tensor {tuple(x.shape)}" if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(f"{name}: expected a tensor {form}, got {got}; put ToTensor() before it")
    if channels and x.shape[-3] not in channels:
        raise TypeError(f"{name}: expected {' or '.join(map(str, channels))} channels, got a "
                        f"tensor {tuple(x.shape)} with {x.shape[-3]}")
    return x


def two(value, what, least=-math.inf, most=math.inf):
    """A pair of numbers from `least` to `most`.  Raises TypeError or ValueError, naming `what`."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise unexpected(what, "a pair of numbers", value)
    return tuple(number(part, what, least, most) for part in value)


def interval(value, what, least=-math.inf, most=math.inf):
    """(low, high), as `two` takes it.  Raises ValueError as well if low is above high."""
    low, high = two(value, what, least, most)
    if low > high:
        raise ValueError(f"{what}: expected low <= high, got {value!r}")
    return low, high


def about(value, what):
    """(-value, value) of a number, a pair as `interval` takes it."""
    if isinstance(value, (tuple, list)):
        return interval(value, what)
    return -number(value, what, 0), value


def sides(padding, what):
    """(left, top, right, bottom) of a number for all, of (left and right, top and bottom), or of
    all four.  Raises TypeError or ValueError."""
    n = len(padding) if isinstance(padding, (tuple, list)) else 1
    return sizes(padding, what, n if n in (1, 2) else 4, least=0) * (4 // min(n, 4))


def uniform(low, high):
    """A random number from low to high."""
    return empty(1, dtype=float64).uniform_(low, high).item()


def pieces(h, w, scale, ratio):
    """Ten random sizes (height, width): shares of the area h * w that are uniform in scale, and
    width / height with a logarithm that is uniform in that of ratio."""
    for _ in range(10):
        area, shape = h * w * uniform(*scale), math.exp(uniform(*map(math.log, ratio)))
        yield round(math.sqrt(area / shape)), round(math.sqrt(area * shape))


def place(h, w, height, width):
    """A random place (top, left) for a piece of that size in an image of h x w pixels."""
    return tuple(int(randint(0, room + 1, (1,))) for room in (h - height, w - width))


def back(y, dtype):
    """y in this dtype: whole numbers are rounded, and for uint8 brought into 0..255."""
    if dtype.is_floating_point:
        return y.to(dtype)
    return (y.round().clamp(0, 255) if dtype is uint8 else y.round()).to(dtype)


def pad(x, left, top, right, bottom, fill=0, mode="constant"):
    """x with a border; mode: "constant", of `fill`, or as in np.pad "edge", "reflect", "symmetric"
    """
    if mode == "constant":
        return functional.pad(x, (left, right, top, bottom), value=fill)
    for axis, before, after in ((-2, top, bottom), (-1, left, right)):
        at = np.pad(np.arange(x.shape[axis]), (before, after), mode)
        x = x.index_select(axis, from_numpy(at))
    return x


def resize(x, size, mode="bilinear", antialias=True):
    """x (..., H, W) as (..., *size), by F.interpolate."""
    y = x.reshape(-1, 1, *x.shape[-2:])
    smooth = antialias and mode in ("bilinear", "bicubic")
    y = functional.interpolate(y if x.is_floating_point() else y.float(), size, mode=mode,
                               antialias=smooth)
    return back(y, x.dtype).reshape(*x.shape[:-2], *size)


def gray(x):
    """The brightness (..., 1, H, W) of an image in red, green and blue, or of a gray one."""
    if x.shape[-3] == 1:
        return x
    r, g, b = x.unbind(-3)
    y = GRAY[0] * r + GRAY[1] * g + GRAY[2] * b
    return y.to(x.dtype).unsqueeze(-3)


def blend(x, y, ratio):
    """ratio * x + (1 - ratio) * y, kept within 0..1, or 0..255 for whole numbers."""
    most = 1 if x.is_floating_point() else 255
    return (ratio * x + (1 - ratio) * y).clamp(0, most).to(x.dtype)


def from_middle(center, h, w):
    """A point (column, row) of an image of h x w pixels, counted from its middle, which is None."""
    return (0, 0) if center is None else (center[0] - w / 2, center[1] - h / 2)


def inverse_affine(angle, translate=(0, 0), scale=1, shear=(0, 0), center=(0, 0)):
    """(2, 3): where a point (column, row, 1) was before it was sheared, scaled, turned clockwise by
    `angle` around `center`, and moved; angles in degrees, points counted from the middle."""
    turn, shear = math.radians(angle), np.tan(np.radians(shear))
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    sheared = np.array([[1, 0], [-shear[1], 1]]) @ np.array([[1, -shear[0]], [0, 1]])
    inverse = np.linalg.inv(scale * rotation @ sheared)
    moved = center - inverse @ (np.add(center, translate))
    return np.column_stack([inverse, moved])


def affine(x, matrix, mode="nearest", fill=0, size=None):
    """y(p) = x(matrix @ (p, 1)), p = (column, row) counted from the middle of y and of x

    matrix: (2, 3)   mode: "nearest" or "bilinear"   fill: what lies outside of x
    """
    (h, w), (oh, ow) = x.shape[-2:], size or x.shape[-2:]
    rows, columns = np.mgrid[:oh, :ow]
    p = np.stack([columns - (ow - 1) / 2, rows - (oh - 1) / 2, np.ones((oh, ow))])
    column, row = np.tensordot(matrix, p, 1) + np.reshape([(w - 1) / 2, (h - 1) / 2], (2, 1, 1))
    if mode == "nearest":
        taps = [(row.round(), column.round(), 1.0)]
    else:
        top, left = np.floor(row), np.floor(column)
        taps = [(i, j, (1 - abs(row - i)) * (1 - abs(column - j)))
                for i in (top, top + 1) for j in (left, left + 1)]
    pixels = x.flatten(-2) if x.is_floating_point() else x.flatten(-2).float()
    y = 0.0
    for i, j, weight in taps:
        inside = (i >= 0) & (i < h) & (j >= 0) & (j < w)
        at = np.where(inside, i * w + j, 0).astype(np.int64).reshape(-1)
        seen = pixels.index_select(-1, from_numpy(at)).unflatten(-1, (oh, ow))
        weight = from_numpy(np.full((oh, ow), weight, pixels.dtype.numpy))
        y = y + where(from_numpy(inside), seen, fill) * weight
    return back(y, x.dtype)
