"""PixelShuffle: channels become pixels."""

from math import prod

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def pixel_shuffle(input, upscale_factor):
    """Channels laid out as blocks of r x r pixels: see nn.PixelShuffle."""
    r, shape = nn.integer(upscale_factor, "pixel_shuffle: upscale_factor"), tuple(input.shape)
    if input.ndim < 3 or r < 1 or shape[-3] % (r * r):
        raise RuntimeError("pixel_shuffle: expected images (..., C * r * r, H, W), r at least 1, "
                           f"got upscale_factor r = {r} and shape {shape}")
    *rest, channels, H, W = shape
    C = channels // (r * r)
    x = input.reshape(prod(rest), C, r, r, H, W).permute(0, 1, 4, 2, 5, 3)   # (..., C, H, r, W, r)
    return x.reshape(*rest, C, H * r, W * r)


class PixelShuffle(nn.Module):
    """y[..., c, h r + i, w r + j] = x[..., c r² + i r + j, h, w]     r = upscale_factor

    x: (..., C * r², H, W)   y: (..., C, H * r, W * r): how a convolution makes an image larger.
    Raises RuntimeError for channels that r² does not divide.   (Shi et al., 2016)
    """

    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    @classmethod
    def example(cls):
        return cls(2), (pg.randn(2, 8, 2, 3),)

    def forward(self, x):
        return F.pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


@pg.hookimpl
def register_layers(register):
    register(PixelShuffle, functional=pixel_shuffle)
