"""ReplicationPad3d: a volume with its edges drawn out."""

import plugrad as pg
from plugrad import nn


class ReplicationPad3d(nn.Pad):
    """y = x with a border that repeats its edge: [1 2 3] -> [1 1 1 2 3 3 3] for padding 2

    padding: a number, or (left, right, top, bottom, front, back).
    x: (N, C, D, H, W), or without N
    """

    ndim = 3
    mode = "replicate"

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(1, 2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(ReplicationPad3d)
