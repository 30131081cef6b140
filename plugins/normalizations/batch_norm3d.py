"""BatchNorm3d: channels of volumes normalized over the batch."""

import plugrad as pg
from plugrad import nn


class BatchNorm3d(nn.BatchNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel   (Ioffe & Szegedy, 2015)

    x: (N, C, D, H, W).   mean, var: the batch's in training, the running ones after eval().
    """

    ndims = (5,)


@pg.hookimpl
def register_normalizations(register):
    register(BatchNorm3d)
