"""PixelUnshuffle: pixels become channels."""

from math import prod

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def pixel_unshuffle(input, downscale_factor):
    """Blocks of r x r pixels laid out as channels: see nn.PixelUnshuffle."""
    r, shape = nn.integer(downscale_factor, "pixel_unshuffle: downscale_factor"), tuple(input.shape)
    if input.ndim < 3 or r < 1 or shape[-2] % r or shape[-1] % r:
        raise RuntimeError("pixel_unshuffle: expected images (..., C, H * r, W * r), r at least 1, "
                           f"got downscale_factor r = {r} and shape {shape}")
    *rest, C, H, W = shape
    x = input.reshape(prod(rest), C, H // r, r, W // r, r).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(*rest, C * r * r, H // r, W // r)


class PixelUnshuffle(nn.Module):
    """y[..., c r² + i r + j, h, w] = x[..., c, h r + i, w r + j]     r = downscale_factor

    x: (..., C, H * r, W * r)   y: (..., C * r², H, W): PixelShuffle undone.
    Raises RuntimeError for sizes that r does not divide.   (Shi et al., 2016)
    """

    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    @classmethod
    def example(cls):
        return cls(2), (pg.randn(2, 3, 4, 6),)

    def forward(self, x):
        return F.pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"


@pg.hookimpl
def register_layers(register):
    register(PixelUnshuffle, functional=pixel_unshuffle)
