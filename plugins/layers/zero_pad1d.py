"""ZeroPad1d: a border of zeros around a sequence."""

import plugrad as pg
from plugrad import nn


class ZeroPad1d(nn.Pad):
    """y = x with a border of zeros

    padding: a number, or (left, right); negative ones cut off.
    x: (N, C, L), or with any other dimensions in front
    """

    ndim = 1

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 5),)


@pg.hookimpl
def register_layers(register):
    register(ZeroPad1d)
