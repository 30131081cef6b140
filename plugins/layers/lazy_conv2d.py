"""LazyConv2d: Conv2d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyConv2d(nn.Lazy, nn.Conv2d):
    """Conv2d whose in_channels is that of the first input; options are the others

    x: (N, C, H, W), or without N
    """

    plain, size, axis = nn.Conv2d, "in_channels", -3


@pg.hookimpl
def register_layers(register):
    register(LazyConv2d)
