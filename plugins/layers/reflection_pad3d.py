"""ReflectionPad3d: a volume mirrored at its edges."""

import plugrad as pg
from plugrad import nn


class ReflectionPad3d(nn.Pad):
    """y = x with a border that mirrors it: [1 2 3] -> [3 2 1 2 3 2 1] for padding 2

    padding: a number, or (left, right, top, bottom, front, back).
    x: (N, C, D, H, W), or without N
    Raises RuntimeError for padding that is not smaller than the image.
    """

    ndim = 3
    mode = "reflect"

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(1, 2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(ReflectionPad3d)
