"""Unflatten: one dimension becomes several."""

import plugrad as pg
from plugrad import nn


class Unflatten(nn.Module):
    """y = x with dimension `dim` laid out as unflattened_size; one of those sizes may be -1"""

    def __init__(self, dim, unflattened_size):
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    @classmethod
    def example(cls):
        return cls(1, (2, -1)), (pg.randn(3, 4),)

    def forward(self, x):
        return x.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


@pg.hookimpl
def register_layers(register):
    register(Unflatten)
