"""Windows over an image: their options, one number for all axes or one for each, and the image."""

from operator import index

AXES = {1: "L", 2: "H, W", 3: "D, H, W"}
MOST = 2**31 - 1        # products of two sizes fit into what kernels count with


def pair(value, what, least=1):
    """(value, value) of an int; a pair of ints as a tuple: sizes for two axes."""
    return sizes(value, what, 2, least)


def sizes(value, what, ndim, least=1):
    """An int for each of `ndim` axes, as a tuple, of one int for all or of a sequence of them.

    what: how an error calls the option.   Raises TypeError for anything else, and ValueError for a
    number below `least` or above MOST.
    """
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    try:
        numbers = tuple(map(index, numbers)) * (ndim if len(numbers) == 1 else 1)
    except TypeError:
        numbers = ()
    if len(numbers) != ndim:
        several = {1: "a tuple of one", 2: "a pair of ints"}.get(ndim, f"{ndim} ints")
        raise TypeError(f"{what}: expected an int or {several}, got {value!r}")
    if min(numbers) < least:
        raise ValueError(f"{what}: expected at least {least}, got {value!r}")
    if max(numbers) > MOST:
        raise ValueError(f"{what}: expected at most {MOST}, got {value!r}")
    return numbers


def output_sizes(what, x, output_size, ndim):
    """The sizes that output_size, one number or one for each axis, asks for; None keeps x's.

    Raises RuntimeError for another number of them."""
    asked = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * ndim
    if len(asked) != ndim:
        raise RuntimeError(f"{what}: expected an output_size of one number or {ndim}, got "
                           f"{output_size!r}")
    return sizes([n if size is None else size for size, n in zip(asked, x.shape[-ndim:])],
                 f"{what}: output_size", ndim, least=0)


def window(what, kernel_size, stride=None, padding=0, dilation=1, ndim=2):
    """The four as tuples, of pairs if ndim is 2; the stride is the kernel's size if it is None."""
    kernel_size = sizes(kernel_size, f"{what}: kernel_size", ndim)
    stride = kernel_size if stride is None else sizes(stride, f"{what}: stride", ndim)
    return (kernel_size, stride, sizes(padding, f"{what}: padding", ndim, least=0),
            sizes(dilation, f"{what}: dilation", ndim))


def check_images(what, x, ndim):
    """Raise RuntimeError unless x is a batch of images with `ndim` axes, or one such image.

    Give whether it is one: (C, H, W), not (N, C, H, W), for ndim 2."""
    if x.ndim not in (ndim + 1, ndim + 2):
        raise RuntimeError(f"{what}: expected {images(ndim, 'C')}, got shape {tuple(x.shape)}")
    return x.ndim == ndim + 1


def images(ndim, channels):
    """How an error calls the images that it expected."""
    kind = {1: "sequences", 2: "images", 3: "volumes"}[ndim]
    return f"{kind} (N, {channels}, {AXES[ndim]}) or ({channels}, {AXES[ndim]})"


def misfit(what, x, channels, ndim=2):
    """The error for images without that many channels, or None; what: the layer.

    A layer that has failed asks for it, so that a call that succeeds need not wait for the answer.
    """
    shape = tuple(x.shape)
    fits = len(shape) in (ndim + 1, ndim + 2)
    if fits and shape[-ndim - 1] == channels:
        return None
    remedy = ""
    if fits and shape[-1] == channels:
        order = [*range(len(shape) - ndim - 1), len(shape) - 1,
                 *range(len(shape) - ndim - 1, len(shape) - 1)]
        remedy = ("; the channels seem to come last: x.permute"
                  f"({', '.join(map(str, order))}) puts them in place")
    elif ndim == 2 and len(shape) == 3 and channels == 1:
        remedy = "; gray images (N, H, W) get their channel by x.unsqueeze(1)"
    return RuntimeError(f"{what}: expected {images(ndim, channels)}, got shape {shape}{remedy}")


def unpooled_size(what, x, kernel_size, stride, padding, output_size, ndim):
    """The size of the images that pooling made x of: the smallest, or what output_size names.

    Raises ValueError for one a stride or more away from the smallest.
    """
    kernel, stride, padding, _ = window(what, kernel_size, stride, padding, ndim=ndim)
    least = tuple((n - 1) * s - 2 * p + k
                  for n, s, p, k in zip(x.shape[-ndim:], stride, padding, kernel))
    if output_size is None:
        return least
    size = tuple(output_size)
    size = size[-ndim:] if len(size) in (ndim + 1, ndim + 2) else size
    if len(size) != ndim or any(not n - s < m < n + s for m, n, s in zip(size, least, stride)):
        raise ValueError(f"{what}: expected an output_size of {ndim} numbers, nearer to {least} "
                         f"than the stride {stride}, got {tuple(output_size)}")
    return size
