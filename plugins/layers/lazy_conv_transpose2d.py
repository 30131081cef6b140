"""LazyConvTranspose2d: ConvTranspose2d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyConvTranspose2d(nn.Lazy, nn.ConvTranspose2d):
    """ConvTranspose2d whose in_channels is that of the first input; options are the others

    x: (N, C, H, W), or without N
    """

    plain, size, axis = nn.ConvTranspose2d, "in_channels", -3


@pg.hookimpl
def register_layers(register):
    register(LazyConvTranspose2d)
