"""Unfold: every window of an image as a column."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Unfold(nn.Module):
    """y[n, :, l] = the C * KH * KW pixels of window l        x: (N, C, H, W)   y: (N, C*KH*KW, L)

    L = OH * OW, OH = (H + 2 * padding - dilation * (K - 1) - 1) // stride + 1; a convolution is
    this, a matrix product and a reshape (im2col, Chellapilla et al., 2006).
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, x):
        return F.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, dilation={self.dilation}, "
                f"padding={self.padding}, stride={self.stride}")


@pg.hookimpl
def register_layers(register):
    register(Unfold)
