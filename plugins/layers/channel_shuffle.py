"""ChannelShuffle: the channels of several groups, in turns."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def channel_shuffle(input, groups):
    """The channels of all groups in turns: see nn.ChannelShuffle."""
    groups, shape = nn.integer(groups, "channel_shuffle: groups"), tuple(input.shape)
    if input.ndim < 3 or groups < 1 or shape[1] % groups:
        raise RuntimeError("channel_shuffle: expected images (N, C, ...), C divisible by groups, "
                           f"got groups={groups} and shape {shape}")
    x = input.reshape(shape[0], groups, shape[1] // groups, *shape[2:])
    return x.transpose(1, 2).reshape(shape)


class ChannelShuffle(nn.Module):
    """y[n, j g + i] = x[n, i C / g + j]        x, y: (N, C, ...)   g = groups

    After it a convolution with groups sees channels from every group of the one before.
    Raises RuntimeError for channels that groups does not divide.   (Zhang et al., 2018)
    """

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    @classmethod
    def example(cls):
        return cls(2), (pg.randn(2, 6, 3),)

    def forward(self, x):
        return F.channel_shuffle(x, self.groups)

    def extra_repr(self):
        return f"groups={self.groups}"


@pg.hookimpl
def register_layers(register):
    register(ChannelShuffle, functional=channel_shuffle)
