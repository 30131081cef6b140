"""CircularPad2d: an image that begins anew at its edges."""

import plugrad as pg
from plugrad import nn


class CircularPad2d(nn.Pad):
    """y = x with a border from its other end: [1 2 3] -> [2 3 1 2 3 1 2] for padding 2

    padding: a number, or (left, right, top, bottom).   x: (N, C, H, W), or without N
    Raises RuntimeError for padding larger than the image.
    """

    ndim = 2
    mode = "circular"
    refusal = ValueError

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(CircularPad2d)
