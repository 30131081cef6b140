"""ConstantPad3d: a border of one number around a volume."""

import plugrad as pg
from plugrad import nn


class ConstantPad3d(nn.Pad):
    """y = x with a border of `value`

    padding: a number, or (left, right, top, bottom, front, back); negative ones cut off.
    x: (N, C, D, H, W), or with any other dimensions in front
    """

    ndim = 3

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = nn.number(value, "ConstantPad3d: value")

    @classmethod
    def example(cls):
        return cls(1, 3.5), (pg.randn(1, 2, 3, 4, 5),)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


@pg.hookimpl
def register_layers(register):
    register(ConstantPad3d)
