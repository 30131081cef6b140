"""MedianPool2d: the middle one of each window's pixels."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def median_pool2d(input, kernel_size, stride=None, padding=0):
    """The median of each window: see nn.MedianPool2d.

    Raises RuntimeError if the kernel does not fit, or for padding that has no pixel to mirror.
    """
    if nn.check_images("median_pool2d", input, 2):
        return median_pool2d(input.unsqueeze(0), kernel_size, stride, padding).squeeze(0)
    kernel, stride, (P, Q), _ = nn.window("median_pool2d", kernel_size, stride, padding)
    x = F.pad(input, (Q, Q, P, P), mode="reflect") if P or Q else input
    size = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride)]
    if min(size) < 1:
        raise RuntimeError(f"median_pool2d: a kernel of {kernel} does not fit into "
                           f"{tuple(x.shape[2:])}, padding included; pool less or pad more")
    pixels = F.unfold(x.flatten(0, 1).unsqueeze(1), kernel, stride=stride)       # (N*C, K*K, L)
    middle = pixels.sort(1).values[:, (pixels.shape[1] - 1) // 2]
    return middle.reshape(*input.shape[:2], *size)


class MedianPool2d(nn.Module):
    """y[n, c, i, j] = median of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    The median filter: one wild pixel does not count, an edge stays.  Of an even number it is the
    lower middle one; padding mirrors pixels; the gradient goes to the median's place.
    OH = (H + 2 * padding - K) // stride + 1; the stride is the kernel's size if not given.
    (Tukey, 1977)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x):
        return F.median_pool2d(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(MedianPool2d, functional=median_pool2d)
