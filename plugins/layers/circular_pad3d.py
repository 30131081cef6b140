"""CircularPad3d: a volume that begins anew at its edges."""

import plugrad as pg
from plugrad import nn


class CircularPad3d(nn.Pad):
    """y = x with a border from its other end: [1 2 3] -> [2 3 1 2 3 1 2] for padding 2

    padding: a number, or (left, right, top, bottom, front, back).
    x: (N, C, D, H, W), or without N
    Raises RuntimeError for padding larger than the image.
    """

    ndim = 3
    mode = "circular"
    refusal = ValueError

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(1, 2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(CircularPad3d)
