"""MaxPool2d: the largest pixel of each window."""

# Longer than most: the gradients of any order are three operations that use one another.
import plugrad as pg
import plugrad.plugins.layers._pool as kernels
from plugrad import nn
from plugrad.nn import functional as F


class MaxPool(pg.Op):
    """y[n, c, i, j] = max of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)"""

    def __init__(self, *window):
        self.window = window

    def forward(self, x):
        y, self.places = kernels.max_pool2d(x, *self.window)
        self.size = x.shape
        return y

    def vjp(self, g):
        return Spread(self.places, self.size)(g)


class Spread(pg.Op):
    """dx[n, c, place] = Σ of the g[n, c, i, j] whose window has its maximum there"""

    def __init__(self, places, size):
        self.places, self.size = places, size

    def forward(self, g):
        return kernels.max_pool2d_backward(g, self.places, self.size)

    def vjp(self, dx):
        return Collect(self.places)(dx)


class Collect(pg.Op):
    """y[n, c, i, j] = x[n, c, place]"""

    def __init__(self, places):
        self.places = places

    def forward(self, x):
        self.size = x.shape
        return kernels.max_pool2d_gather(x, self.places)

    def vjp(self, g):
        return Spread(self.places, self.size)(g)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
               return_indices=False):
    """The largest pixel of each window: see nn.MaxPool2d; with return_indices, and its place.

    Raises RuntimeError if the kernel does not fit, ValueError for padding above half a kernel.
    """
    single = input.ndim == 3
    if not single and input.ndim != 4:
        raise RuntimeError("max_pool2d: expected images (N, C, H, W) or (C, H, W), got "
                           f"{tuple(input.shape)}")
    pool = MaxPool(*nn.window("max_pool2d", kernel_size, stride, padding, dilation), ceil_mode)
    y = pool(input.unsqueeze(0) if single else input)
    found = (y, pg.from_numpy(pool.places)) if return_indices else (y,)
    found = tuple(part.squeeze(0) for part in found) if single else found
    return found if return_indices else found[0]


class MaxPool2d(nn.Module):
    """y[n, c, i, j] = max of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    OH = (H + 2 * padding - dilation * (K - 1) - 1) // stride + 1, with ceil_mode rounded up; the
    stride is the kernel's size if not given.  return_indices: also h * W + w of each maximum.
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False,
                 ceil_mode=False):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x):
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation,
                            self.ceil_mode, self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")


@pg.hookimpl
def register_layers(register):
    register(MaxPool2d, functional=max_pool2d)
