"""ConstantPad1d: a border of one number around a sequence."""

import plugrad as pg
from plugrad import nn


class ConstantPad1d(nn.Pad):
    """y = x with a border of `value`

    padding: a number, or (left, right); negative ones cut off.
    x: (N, C, L), or with any other dimensions in front
    """

    ndim = 1

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = nn.number(value, "ConstantPad1d: value")

    @classmethod
    def example(cls):
        return cls(1, 3.5), (pg.randn(2, 3, 5),)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


@pg.hookimpl
def register_layers(register):
    register(ConstantPad1d)
