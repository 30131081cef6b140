"""LazyConv1d: Conv1d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyConv1d(nn.Lazy, nn.Conv1d):
    """Conv1d whose in_channels is that of the first input; options are the others

    x: (N, C, L), or without N
    """

    plain, size, axis = nn.Conv1d, "in_channels", -2


@pg.hookimpl
def register_layers(register):
    register(LazyConv1d)
