"""LazyBatchNorm3d: BatchNorm3d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyBatchNorm3d(nn.Lazy, nn.BatchNorm3d):
    """BatchNorm3d whose num_features is that of the first input; options are the others

    x: (N, C, D, H, W)
    """

    plain, size, axis = nn.BatchNorm3d, "num_features", 1


@pg.hookimpl
def register_normalizations(register):
    register(LazyBatchNorm3d)
