"""ReplicationPad2d: an image with its edges drawn out."""

import plugrad as pg
from plugrad import nn


class ReplicationPad2d(nn.Pad):
    """y = x with a border that repeats its edge: [1 2 3] -> [1 1 1 2 3 3 3] for padding 2

    padding: a number, or (left, right, top, bottom).   x: (N, C, H, W), or without N
    """

    ndim = 2
    mode = "replicate"

    @classmethod
    def example(cls):
        return cls(1), (pg.randn(2, 3, 4, 5),)


@pg.hookimpl
def register_layers(register):
    register(ReplicationPad2d)
