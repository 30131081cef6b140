"""Softmin: costs to probabilities, the lowest cost to the highest."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def softmin(input, dim=None, dtype=None):
    """y = exp(-x) / Σ exp(-x), the sum along `dim`; dim=None as in F.softmax"""
    return F.softmax(-input, dim, dtype)


class Softmin(nn.Module):
    """y = exp(-x) / Σ exp(-x), the sum along `dim`

    dim=None chooses 1, or 0 for inputs of 0, 1 or 3 dimensions, and warns.
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = None if dim is None else nn.integer(dim, "Softmin: dim")

    @classmethod
    def example(cls):
        return cls(dim=-1), (pg.randn(3, 4),)

    def forward(self, x):
        return F.softmin(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


@pg.hookimpl
def register_activations(register):
    register(Softmin, functional=softmin)
