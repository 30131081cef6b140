"""AvgPool3d: the mean of each window of a volume."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The mean of each window: see nn.AvgPool3d.

    Raises RuntimeError if the kernel does not fit, ValueError for padding above half a kernel.
    """
    if nn.check_images("avg_pool3d", input, 3):
        return avg_pool3d(input.unsqueeze(0), kernel_size, stride, padding, ceil_mode,
                          count_include_pad, divisor_override).squeeze(0)
    (K, *kernel), (S, *strides), (P, *sides), _ = nn.window("avg_pool3d", kernel_size, stride,
                                                            padding, ndim=3)
    # The mean of the means of slices: depth is a column, and a slice a row of it.
    whole = None if divisor_override is None else 1
    y = F.avg_pool2d(input.flatten(0, 1), kernel, strides, sides, ceil_mode, count_include_pad,
                     whole)                                                      # (N*C, D, OH, OW)
    size = y.shape[2:]
    y = F.avg_pool2d(y.flatten(2).unsqueeze(1), (K, 1), (S, 1), (P, 0), ceil_mode,
                     count_include_pad, divisor_override)
    return y.reshape(*input.shape[:2], y.shape[2], *size)


class AvgPool3d(nn.Module):
    """y[n, c, i, j, k] = mean of x[n, c] over window (i, j, k)   x: (N, C, D, H, W)

    y: (N, C, OD, OH, OW)   OD = (D + 2 * padding - K) // stride + 1, with ceil_mode rounded up; the
    stride is the kernel's size if not given.  The sum is divided by the window's size, with the
    padding in it unless count_include_pad is False, or by divisor_override.
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False,
                 count_include_pad=True, divisor_override=None):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x):
        return F.avg_pool3d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                            self.count_include_pad, self.divisor_override)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(AvgPool3d, functional=avg_pool3d)
