"""Windows over an image: their options, one number for both axes or one for each, and the image."""


def pair(value, what, least=1):
    """(value, value) of an int; a pair of ints as a tuple.

    what: how an error calls the option.   Raises TypeError for anything else, and ValueError for a
    number below `least`.
    """
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(numbers) != 2 or not all(hasattr(n, "__index__") for n in numbers):
        raise TypeError(f"{what}: expected an int or a pair of ints, got {value!r}")
    if min(numbers) < least:
        raise ValueError(f"{what}: expected at least {least}, got {value!r}")
    return tuple(n.__index__() for n in numbers)


def window(what, kernel_size, stride=None, padding=0, dilation=1):
    """The four as pairs; the stride is the kernel's size if it is None."""
    kernel_size = pair(kernel_size, f"{what}: kernel_size")
    stride = kernel_size if stride is None else pair(stride, f"{what}: stride")
    return (kernel_size, stride, pair(padding, f"{what}: padding", least=0),
            pair(dilation, f"{what}: dilation"))


def misfit(what, x, channels):
    """The error for images without that many channels, or None; what: the layer.

    A layer that has failed asks for it, so that a call that succeeds need not wait for the answer.
    """
    shape = tuple(x.shape)
    if len(shape) in (3, 4) and shape[-3] == channels:
        return None
    remedy = ""
    if len(shape) in (3, 4) and shape[-1] == channels:
        order = "0, 3, 1, 2" if len(shape) == 4 else "2, 0, 1"
        remedy = f"; the channels seem to come last: x.permute({order}) puts them in place"
    elif len(shape) == 3 and channels == 1:
        remedy = "; gray images (N, H, W) get their channel by x.unsqueeze(1)"
    return RuntimeError(f"{what}: expected images (N, {channels}, H, W) or ({channels}, H, W), got "
                        f"shape {shape}{remedy}")
