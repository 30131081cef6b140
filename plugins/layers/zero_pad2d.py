"""ZeroPad2d: a border of zeros around an image."""

import plugrad as pg
from plugrad import nn


class ZeroPad2d(nn.Pad):
    """y = x with a border of zeros

    padding: a number, or (left, right, top, bottom); negative ones cut off.
    x: (N, C, H, W), or with any other dimensions in front
    """

    ndim = 2

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(ZeroPad2d)
