"""InstanceNorm3d: each channel of each of the volumes normalized by itself."""

import plugrad as pg
from plugrad import nn


class InstanceNorm3d(nn.InstanceNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel of each sample

    x: (N, C, D, H, W) or (C, D, H, W).   mean, var: the channel's own; after eval() the running
    ones, if track_running_stats.   weight, bias: only if affine.   (Ulyanov et al., 2016)
    """

    ndims = (4, 5)


@pg.hookimpl
def register_normalizations(register):
    register(InstanceNorm3d)
