"""InstanceNorm2d: each channel of each of the images normalized by itself."""

import plugrad as pg
from plugrad import nn


class InstanceNorm2d(nn.InstanceNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel of each sample

    x: (N, C, H, W) or (C, H, W).   mean, var: the channel's own; after eval() the running ones, if
    track_running_stats.   weight, bias: only if affine.   (Ulyanov et al., 2016)
    """

    ndims = (3, 4)


@pg.hookimpl
def register_normalizations(register):
    register(InstanceNorm2d)
