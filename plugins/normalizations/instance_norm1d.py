"""InstanceNorm1d: each channel of each of the sequences normalized by itself."""

import plugrad as pg
from plugrad import nn


class InstanceNorm1d(nn.InstanceNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel of each sample

    x: (N, C, L) or (C, L).   mean, var: the channel's own; after eval() the running ones, if
    track_running_stats.   weight, bias: only if affine.   (Ulyanov et al., 2016)
    """

    ndims = (2, 3)


@pg.hookimpl
def register_normalizations(register):
    register(InstanceNorm1d)
