"""LazyBatchNorm1d: BatchNorm1d of as many channels as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyBatchNorm1d(nn.Lazy, nn.BatchNorm1d):
    """BatchNorm1d whose num_features is that of the first input; options are the others

    x: (N, C, L) or (N, C)
    """

    plain, size, axis = nn.BatchNorm1d, "num_features", 1


@pg.hookimpl
def register_normalizations(register):
    register(LazyBatchNorm1d)
