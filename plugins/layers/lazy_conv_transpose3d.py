"""LazyConvTranspose3d: ConvTranspose3d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyConvTranspose3d(nn.Lazy, nn.ConvTranspose3d):
    """ConvTranspose3d whose in_channels is that of the first input; options are the others

    x: (N, C, D, H, W), or without N
    """

    plain, size, axis = nn.ConvTranspose3d, "in_channels", -4


@pg.hookimpl
def register_layers(register):
    register(LazyConvTranspose3d)
