"""CircularPad1d: a sequence that begins anew at its edges."""

import plugrad as pg
from plugrad import nn


class CircularPad1d(nn.Pad):
    """y = x with a border from its other end: [1 2 3] -> [2 3 1 2 3 1 2] for padding 2

    padding: a number, or (left, right).   x: (N, C, L), or without N
    Raises RuntimeError for padding larger than the image.
    """

    ndim = 1
    mode = "circular"
    refusal = ValueError

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 5),)


@pg.hookimpl
def register_layers(register):
    register(CircularPad1d)
