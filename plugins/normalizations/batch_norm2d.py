"""BatchNorm2d: channels of images normalized over the batch."""

import plugrad as pg
from plugrad import nn


class BatchNorm2d(nn.BatchNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel   (Ioffe & Szegedy, 2015)

    x: (N, C, H, W).   mean, var: the batch's in training, the running ones after eval().
    """

    ndims = (4,)


@pg.hookimpl
def register_normalizations(register):
    register(BatchNorm2d)
