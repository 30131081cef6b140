"""UpsamplingBilinear2d: a larger image, with straight lines between the pixels."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class UpsamplingBilinear2d(nn.Module):
    """y[n, c, i, j] = x[n, c] at (i * (H - 1) / (OH - 1), j * (W - 1) / (OW - 1)), between 4 pixels

    x: (N, C, H, W)   y: (N, C, OH, OW)   size: OH = OW, or (OH, OW); or else scale_factor: OH / H,
    or one for each axis.  As nn.Upsample with mode="bilinear", align_corners=True.
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__()
        if isinstance(scale_factor, (tuple, list)):
            scale_factor = tuple(map(float, scale_factor))
        elif scale_factor is not None:
            scale_factor = float(scale_factor)
        self.size, self.scale_factor = size, scale_factor

    @classmethod
    def example(cls):
        return cls(scale_factor=2), (pg.randn(2, 3, 4, 5),)

    def forward(self, x):
        return F.interpolate(x, self.size, self.scale_factor, mode="bilinear", align_corners=True)

    def extra_repr(self):
        first = (f"size={self.size!r}" if self.scale_factor is None
                 else f"scale_factor={self.scale_factor!r}")
        return f"{first}, mode='bilinear'"


@pg.hookimpl
def register_layers(register):
    register(UpsamplingBilinear2d)
