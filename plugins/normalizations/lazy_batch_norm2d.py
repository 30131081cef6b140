"""LazyBatchNorm2d: BatchNorm2d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyBatchNorm2d(nn.Lazy, nn.BatchNorm2d):
    """BatchNorm2d whose num_features is that of the first input; options are the others

    x: (N, C, H, W)
    """

    plain, size, axis = nn.BatchNorm2d, "num_features", 1


@pg.hookimpl
def register_normalizations(register):
    register(LazyBatchNorm2d)
