"""Fold: columns added up where their windows lie."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Fold(nn.Module):
    """y[n, c, h, w] = Σ of the numbers in x that Unfold takes from (h, w)

    x: (N, C * KH * KW, L)   y: (N, C, *output_size)   L: how many windows output_size has.
    The gradient of Unfold; windows that overlap add up.
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.output_size, self.kernel_size, self.dilation = output_size, kernel_size, dilation
        self.padding, self.stride = padding, stride

    @classmethod
    def example(cls):
        return cls((4, 5), 2), (pg.randn(2, 8, 12),)

    def forward(self, x):
        return F.fold(x, self.output_size, self.kernel_size, self.dilation, self.padding,
                      self.stride)

    def extra_repr(self):
        return (f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
                f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}")


@pg.hookimpl
def register_layers(register):
    register(Fold)
