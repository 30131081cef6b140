"""Convolution in two dimensions, and the window operations it is built of."""

cimport cython
cimport numpy as cnp

from plugrad.kernels.conv cimport conv2d as kernels
from plugrad.kernels.conv cimport windows
from plugrad.ops.common cimport as_operand
from plugrad.tensor.tensor cimport Op, Tensor

import numpy as np

cnp.import_array()

cdef Py_ssize_t MOST = (1 << 31) - 1       # so that sums and products of two can't overflow


@cython.trashcan(True)
cdef class Conv2d(Op):
    """y[n, f, i, j] = b[f] + Σ w[f, c, u, v] * x[n, c, S i + D u - P, S j + D v - P] over c, u, v

    x: (N, C, H, W)   w: (F, C / groups, KH, KW)   b: (F,) or None   y: (N, F, OH, OW)
    """
    cdef tuple how
    cdef tuple shape_x, shape_w

    def __init__(self, how):
        self.how = how                       # stride, padding, dilation, groups

    def forward(self, cnp.ndarray x, cnp.ndarray w, b):
        self.kept = (x if self.needs(1) else None, w if self.needs(0) else None)
        self.shape_x, self.shape_w = np.shape(x), np.shape(w)
        stride, padding, dilation, groups = self.how
        return kernels.conv2d_forward(x, w, stride, padding, dilation, groups, b)

    def vjp(self, g):
        x, w = self.unpack()
        return (Conv2dGradInput(self.how, self.shape_x)(g, w) if self.needs(0) else None,
                Conv2dGradWeight(self.how, self.shape_w)(x, g) if self.needs(1) else None,
                g.sum((0, 2, 3)) if self.needs(2) else None)


@cython.trashcan(True)
cdef class Conv2dGradInput(Op):
    """The gradient of Conv2d's input, linear in g and in w: both gradients are Conv2d's again."""
    cdef tuple how
    cdef tuple shape_x, shape_w

    def __init__(self, how, shape_x):
        self.how, self.shape_x = how, shape_x

    def forward(self, cnp.ndarray g, cnp.ndarray w):
        self.kept = (g if self.needs(1) else None, w if self.needs(0) else None)
        self.shape_w = np.shape(w)
        stride, padding, dilation, groups = self.how
        return kernels.conv2d_grad_input(g, w, self.shape_x, stride, padding, dilation, groups)

    def vjp(self, h):
        g, w = self.unpack()
        return (Conv2d(self.how)(h, w, None) if self.needs(0) else None,
                Conv2dGradWeight(self.how, self.shape_w)(h, g) if self.needs(1) else None)


@cython.trashcan(True)
cdef class Conv2dGradWeight(Op):
    """The gradient of Conv2d's weight, linear in x and in g: both gradients are Conv2d's again."""
    cdef tuple how
    cdef tuple shape_x, shape_w

    def __init__(self, how, shape_w):
        self.how, self.shape_w = how, shape_w

    def forward(self, cnp.ndarray x, cnp.ndarray g):
        self.kept = (x if self.needs(1) else None, g if self.needs(0) else None)
        self.shape_x = np.shape(x)
        stride, padding, dilation, groups = self.how
        return kernels.conv2d_grad_weight(x, g, self.shape_w, stride, padding, dilation, groups)

    def vjp(self, h):
        x, g = self.unpack()
        return (Conv2dGradInput(self.how, self.shape_x)(g, h) if self.needs(0) else None,
                Conv2d(self.how)(x, h, None) if self.needs(1) else None)


@cython.trashcan(True)
cdef class Unfold(Op):
    """Every window of x as a column        x: (N, C, H, W)   y: (N, C KH KW, L)"""
    cdef tuple how, shape

    def __init__(self, how):
        self.how = how                       # kernel size, dilation, padding, stride

    def forward(self, cnp.ndarray x):
        self.shape = np.shape(x)[2:]
        kernel, dilation, padding, stride = self.how
        return windows.unfold(x, kernel, dilation, padding, stride)

    def vjp(self, g):
        return Fold(self.how, self.shape)(g)


@cython.trashcan(True)
cdef class Fold(Op):
    """The reverse of Unfold: columns added up where their windows lie"""
    cdef tuple how, shape

    def __init__(self, how, shape):
        self.how, self.shape = how, shape

    def forward(self, cnp.ndarray x):
        kernel, dilation, padding, stride = self.how
        return windows.fold(x, self.shape, kernel, dilation, padding, stride)

    def vjp(self, g):
        return Unfold(self.how)(g)


cdef tuple pair(object x, str what, str option, int least):
    """An int, or two, as two ints."""
    values = tuple(x) if isinstance(x, (tuple, list)) else (x, x)
    if len(values) == 1:
        values = values * 2
    if len(values) != 2 or not all([isinstance(v, (int, np.integer)) for v in values]):
        raise TypeError(f"{what}: expected {option} to be an int or a pair of ints, got {x!r}")
    if min(values) < least:
        raise ValueError(f"{what}: expected {option} of at least {least}, got {x!r}")
    if max(values) > MOST:
        raise ValueError(f"{what}: expected {option} of at most {MOST}, got {x!r}")
    return values


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of x with each filter, plus a bias per filter   (LeCun et al., 1989).

    x: (N, C, H, W) or (C, H, W)   weight: (F, C / groups, KH, KW)   bias: (F,)   y: (N, F, OH, OW),
    OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1.  stride, padding and dilation are
    ints or pairs; padding may be "valid" (none) or "same" (stride 1: OH = H).
    """
    cdef Tensor x = as_operand(input, "conv2d"), w = as_operand(weight, "conv2d")
    stride = pair(stride, "conv2d", "stride", 1)
    dilation = pair(dilation, "conv2d", "dilation", 1)
    if x.dtype is not w.dtype:
        raise RuntimeError(f"conv2d: expected input and weight of one dtype, got {x.dtype} and "
                           f"{w.dtype}; convert the input with .to({w.dtype})")
    if x.ndim not in (3, 4) or w.ndim != 4:
        raise RuntimeError("conv2d: expected an input of shape (N, C, H, W) or (C, H, W) and a "
                           f"weight of shape (F, C / groups, KH, KW), got {tuple(x.shape)} and "
                           f"{tuple(w.shape)}")
    if x.ndim == 3:
        return conv2d(x.unsqueeze(0), w, bias, stride, padding, dilation, groups).squeeze(0)
    filters, channels = w.shape[0], x.shape[1]
    if groups < 1 or filters % groups or channels != w.shape[1] * groups:
        raise RuntimeError(
            f"conv2d: expected an input of {w.shape[1] * groups} channels for a weight of shape "
            f"{tuple(w.shape)} and groups={groups} (which must divide the {filters} filters), got "
            f"{channels} channels in shape {tuple(x.shape)}")
    if isinstance(padding, str):
        x, padding = padded(x, w, padding, stride, dilation)
    padding = pair(padding, "conv2d", "padding", 0)
    for size, k, p, d in zip(x.shape[2:], w.shape[2:], padding, dilation):
        if size + 2 * p < d * (k - 1) + 1:
            raise RuntimeError(f"conv2d: the kernel {tuple(w.shape[2:])}, dilation {dilation}, is "
                               f"larger than the input {tuple(x.shape[2:])}, padding {padding}")
    if bias is not None:
        bias = as_operand(bias, "conv2d")
        if tuple(bias.shape) != (filters,) or bias.dtype is not x.dtype:
            raise RuntimeError(f"conv2d: expected a bias of shape ({filters},) and {x.dtype}, got "
                               f"{tuple(bias.shape)} and {bias.dtype}")
    return Conv2d((stride, padding, dilation, groups))(x, w, bias)


cdef tuple padded(Tensor x, Tensor w, str padding, tuple stride, tuple dilation):
    """(input, padding in numbers) for padding "same" or "valid"; an odd total goes to the end."""
    from plugrad.ops.shape import pad
    if padding == "valid":
        return x, (0, 0)
    if padding != "same":
        raise ValueError(f"conv2d: expected padding as ints, 'same' or 'valid', got {padding!r}")
    if stride != (1, 1):
        raise ValueError(f"conv2d: padding 'same' needs stride 1, got {stride}")
    totals = [d * (k - 1) for d, k in zip(dilation, w.shape[2:])]
    if totals[0] % 2 or totals[1] % 2:
        (top, left), (bottom, right) = [t // 2 for t in totals], [t - t // 2 for t in totals]
        return pad(x, (left, right, top, bottom)), (0, 0)
    return x, (totals[0] // 2, totals[1] // 2)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    """The gradient of conv2d's input: each pixel lays down a filter times its value, overlapping
    ones add up   (Zeiler et al., 2010).

    x: (N, C, H, W) or (C, H, W)   weight: (C, F / groups, KH, KW)   bias: (F,)   y: (N, F, OH, OW),
    OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1.
    """
    what = "conv_transpose2d"
    cdef Tensor x = as_operand(input, what), w = as_operand(weight, what)
    stride, dilation = pair(stride, what, "stride", 1), pair(dilation, what, "dilation", 1)
    padding, extra = pair(padding, what, "padding", 0), pair(output_padding, what, "output_padding",
                                                             0)
    if x.dtype is not w.dtype:
        raise RuntimeError(f"{what}: expected input and weight of one dtype, got {x.dtype} and "
                           f"{w.dtype}; convert the input with .to({w.dtype})")
    if x.ndim not in (3, 4) or w.ndim != 4:
        raise RuntimeError(f"{what}: expected an input of shape (N, C, H, W) or (C, H, W) and a "
                           f"weight of shape (C, F / groups, KH, KW), got {tuple(x.shape)} and "
                           f"{tuple(w.shape)}")
    if x.ndim == 3:
        return conv_transpose2d(x.unsqueeze(0), w, bias, stride, padding, extra, groups,
                                dilation).squeeze(0)
    if groups < 1 or w.shape[0] % groups or x.shape[1] != w.shape[0]:
        raise RuntimeError(
            f"{what}: expected an input of {w.shape[0]} channels for a weight of shape "
            f"{tuple(w.shape)} and groups={groups} (which must divide them), got {x.shape[1]} "
            f"channels in shape {tuple(x.shape)}")
    if any([e >= max(s, d) for e, s, d in zip(extra, stride, dilation)]):
        raise RuntimeError(f"{what}: expected an output_padding smaller than stride {stride} or "
                           f"dilation {dilation}, got {extra}")
    more = [e // s for e, s in zip(extra, stride)]     # whole strides: as if zeros came after x
    if any(more):
        from plugrad.ops.shape import pad
        x = pad(x, (0, more[1], 0, more[0]))
    size = tuple([(n - 1) * s - 2 * p + d * (k - 1) + e % s + 1 for n, s, p, d, k, e in zip(
        x.shape[2:], stride, padding, dilation, w.shape[2:], extra)])
    if min(size) < 1:
        raise RuntimeError(f"{what}: the output of an input {tuple(x.shape)} would be of size "
                           f"{size}; pad less")
    how = (stride, padding, dilation, groups)
    y = Conv2dGradInput(how, (x.shape[0], w.shape[1] * groups, *size))(x, w)
    if bias is None:
        return y
    bias = as_operand(bias, what)
    if tuple(bias.shape) != (y.shape[1],) or bias.dtype is not x.dtype:
        raise RuntimeError(f"{what}: expected a bias of shape ({y.shape[1]},) and {x.dtype}, got "
                           f"{tuple(bias.shape)} and {bias.dtype}")
    return y + bias.reshape(-1, 1, 1)


cdef tuple window(kernel_size, dilation, padding, stride, str what):
    return (pair(kernel_size, what, "kernel_size", 1), pair(dilation, what, "dilation", 1),
            pair(padding, what, "padding", 0), pair(stride, what, "stride", 1))


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Every window of an image as a column        x: (N, C, H, W)   y: (N, C KH KW, L)"""
    cdef Tensor x = as_operand(input)
    how = window(kernel_size, dilation, padding, stride, "unfold")
    if x.ndim not in (3, 4):
        raise RuntimeError(f"unfold: expected shape (N, C, H, W) or (C, H, W), got "
                           f"{tuple(x.shape)}")
    if x.ndim == 3:
        return unfold(x.unsqueeze(0), kernel_size, dilation, padding, stride).squeeze(0)
    return Unfold(how)(x)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns added up to an image        x: (N, C KH KW, L)   y: (N, C, *output_size)"""
    cdef Tensor x = as_operand(input)
    how = window(kernel_size, dilation, padding, stride, "fold")
    if x.ndim not in (2, 3):
        raise RuntimeError("fold: expected shape (N, C KH KW, L) or (C KH KW, L), got "
                           f"{tuple(x.shape)}")
    if x.ndim == 2:
        return fold(x.unsqueeze(0), output_size, kernel_size, dilation, padding, stride).squeeze(0)
    return Fold(how, pair(output_size, "fold", "output_size", 1))(x)
