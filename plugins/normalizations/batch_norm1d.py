"""BatchNorm1d: columns, or channels of sequences, normalized over the batch."""

import plugrad as pg
from plugrad import nn


class BatchNorm1d(nn.BatchNorm):
    """y = weight * (x - mean) / √(var + eps) + bias, channel by channel   (Ioffe & Szegedy, 2015)

    x: (N, C) or (N, C, L).   mean, var: the batch's in training, the running ones after eval().
    """

    ndims = (2, 3)


@pg.hookimpl
def register_normalizations(register):
    register(BatchNorm1d)
