"""ReplicationPad1d: a sequence with its edges drawn out."""

import plugrad as pg
from plugrad import nn


class ReplicationPad1d(nn.Pad):
    """y = x with a border that repeats its edge: [1 2 3] -> [1 1 1 2 3 3 3] for padding 2

    padding: a number, or (left, right).   x: (N, C, L), or without N
    """

    ndim = 1
    mode = "replicate"

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 5),)


@pg.hookimpl
def register_layers(register):
    register(ReplicationPad1d)
