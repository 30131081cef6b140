"""AdaptiveAvgPool3d: means over as many windows of a volume as are asked for."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def adaptive_avg_pool3d(input, output_size):
    """Means over output_size = (OD, OH, OW) windows that cover the volume: see the layer."""
    if nn.check_images("adaptive_avg_pool3d", input, 3):
        return adaptive_avg_pool3d(input.unsqueeze(0), output_size).squeeze(0)
    depth, *size = nn.output_sizes("adaptive_avg_pool3d", input, output_size, 3)
    # The mean of the means of slices: depth is a column, and a slice a row of it.
    y = F.adaptive_avg_pool2d(input.flatten(0, 1), size)                         # (N*C, D, OH, OW)
    y = F.adaptive_avg_pool2d(y.flatten(2).unsqueeze(1), (depth, None))
    return y.reshape(*input.shape[:2], depth, *size)


class AdaptiveAvgPool3d(nn.Module):
    """y[n, c, i, j, k] = mean of x[n, c] over window (i, j, k)   x: (N, C, D, H, W)

    output_size: OD = OH = OW, or (OD, OH, OW); None keeps the input's.  Windows cover the volume
    evenly.   y: (N, C, OD, OH, OW)
    """

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, x):
        return F.adaptive_avg_pool3d(x, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveAvgPool3d, functional=adaptive_avg_pool3d)
