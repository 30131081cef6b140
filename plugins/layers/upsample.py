"""Upsample: sequences, images and volumes of another size."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Upsample(nn.Module):
    """y = x with another number of pixels, each made of those of x nearby

    x: (N, C, L), (N, C, H, W) or (N, C, D, H, W)   size, or scale_factor: a number or one per axis.
    mode: "nearest" (one pixel), "linear", "bilinear", "trilinear" (straight lines between 2 pixels
    per axis), "bicubic" (4).  align_corners: outer pixels' centers meet, else their outer edges.
    recompute_scale_factor: see F.interpolate, which also has "nearest-exact" and "area".
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None,
                 recompute_scale_factor=None):
        super().__init__()
        if isinstance(scale_factor, (tuple, list)):
            scale_factor = tuple(map(float, scale_factor))
        elif scale_factor is not None:
            scale_factor = float(scale_factor)
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    @classmethod
    def example(cls):
        return cls(scale_factor=1.5, mode="bilinear"), (pg.randn(2, 3, 4, 5),)

    def forward(self, x):
        return F.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners,
                             self.recompute_scale_factor)

    def extra_repr(self):
        first = (f"size={self.size!r}" if self.scale_factor is None
                 else f"scale_factor={self.scale_factor!r}")
        return f"{first}, mode={self.mode!r}"


@pg.hookimpl
def register_layers(register):
    register(Upsample)
