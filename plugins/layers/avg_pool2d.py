"""AvgPool2d: the mean of each window."""

import plugrad as pg
import plugrad.plugins.layers._pool as kernels
from plugrad import nn
from plugrad.nn import functional as F


class AvgPool(pg.Op):
    """y[n, c, i, j] = mean of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)"""

    def __init__(self, *window):
        self.window = window

    def forward(self, x):
        self.size = x.shape
        return kernels.avg_pool2d(x, *self.window)

    def vjp(self, g):
        return Spread(self.size, *self.window)(g)


class Spread(pg.Op):
    """dx[n, c, h, w] = Σ of g[n, c, i, j] / size of the window, over the windows around (h, w)"""

    def __init__(self, size, *window):
        self.size, self.window = size, window

    def forward(self, g):
        return kernels.avg_pool2d_backward(g, self.size, *self.window)

    def vjp(self, dx):
        return AvgPool(*self.window)(dx)


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The mean of each window: see nn.AvgPool2d.

    Raises RuntimeError if the kernel does not fit, ValueError for padding above half a kernel.
    """
    single = input.ndim == 3
    if not single and input.ndim != 4:
        raise RuntimeError("avg_pool2d: expected images (N, C, H, W) or (C, H, W), got "
                           f"{tuple(input.shape)}")
    kernel, stride, padding, _ = nn.window("avg_pool2d", kernel_size, stride, padding)
    pool = AvgPool(kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return pool(input.unsqueeze(0)).squeeze(0) if single else pool(input)


class AvgPool2d(nn.Module):
    """y[n, c, i, j] = mean of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    OH = (H + 2 * padding - K) // stride + 1, with ceil_mode rounded up; the stride is the kernel's
    size if not given.  The sum is divided by the window's size, with the padding in it unless
    count_include_pad is False, or by divisor_override.
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False,
                 count_include_pad=True, divisor_override=None):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x):
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                            self.count_include_pad, self.divisor_override)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(AvgPool2d, functional=avg_pool2d)
