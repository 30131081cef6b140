"""AdaptiveAvgPool2d: means over as many windows as are asked for."""

import plugrad as pg
import plugrad.plugins.layers._pool as kernels
from plugrad import nn
from plugrad.nn import functional as F


class AdaptiveAvgPool(pg.Op):
    """y[n, c, i, j] = mean of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    Window i has the rows from floor(i * H / OH) up to ceil((i + 1) * H / OH).
    """

    def __init__(self, output_size):
        self.output_size = output_size

    def forward(self, x):
        self.size = x.shape
        return kernels.adaptive_avg_pool2d(x, self.output_size)

    def vjp(self, g):
        return Spread(self.size)(g)


class Spread(pg.Op):
    """dx[n, c, h, w] = Σ of g[n, c, i, j] / size of the window, over the windows around (h, w)"""

    def __init__(self, size):
        self.size = size

    def forward(self, g):
        self.output_size = g.shape[2:]
        return kernels.adaptive_avg_pool2d_backward(g, self.size)

    def vjp(self, dx):
        return AdaptiveAvgPool(self.output_size)(dx)


def adaptive_avg_pool2d(input, output_size):
    """Means over output_size = (OH, OW) windows that cover the image: see nn.AdaptiveAvgPool2d."""
    single = input.ndim == 3
    if not single and input.ndim != 4:
        raise RuntimeError("adaptive_avg_pool2d: expected images (N, C, H, W) or (C, H, W), got "
                           f"{tuple(input.shape)}")
    pool = AdaptiveAvgPool(nn.output_sizes("adaptive_avg_pool2d", input, output_size, 2))
    return pool(input.unsqueeze(0)).squeeze(0) if single else pool(input)


class AdaptiveAvgPool2d(nn.Module):
    """y[n, c, i, j] = mean of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    output_size: OH = OW, or (OH, OW); None keeps the input's.  Windows cover the image evenly.
    """

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, x):
        return F.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveAvgPool2d, functional=adaptive_avg_pool2d)
