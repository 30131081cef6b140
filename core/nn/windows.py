"""Options of windows over an image: one number for both axes, or one for each."""


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
