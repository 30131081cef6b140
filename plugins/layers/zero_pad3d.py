"""ZeroPad3d: a border of zeros around a volume."""

import plugrad as pg
from plugrad import nn


class ZeroPad3d(nn.Pad):
    """y = x with a border of zeros

    padding: a number, or (left, right, top, bottom, front, back); negative ones cut off.
    x: (N, C, D, H, W), or with any other dimensions in front
    """

    ndim = 3

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(1, 2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(ZeroPad3d)
