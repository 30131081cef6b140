"""ReflectionPad1d: a sequence mirrored at its edges."""

import plugrad as pg
from plugrad import nn


class ReflectionPad1d(nn.Pad):
    """y = x with a border that mirrors it: [1 2 3] -> [3 2 1 2 3 2 1] for padding 2

    padding: a number, or (left, right).   x: (N, C, L), or without N
    Raises RuntimeError for padding that is not smaller than the image.
    """

    ndim = 1
    mode = "reflect"

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 5),)


@pg.hookimpl
def register_layers(register):
    register(ReflectionPad1d)
