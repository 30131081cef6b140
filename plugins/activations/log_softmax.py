"""LogSoftmax: scores to logarithms of probabilities."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class LogSoftmax(nn.Module):
    """y = x - log Σ exp(x), the sum along `dim`

    dim=None chooses 1, or 0 for inputs of 0, 1 or 3 dimensions, and warns.
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = None if dim is None else nn.integer(dim, "LogSoftmax: dim")

    @classmethod
    def example(cls):
        return cls(dim=-1), (pg.randn(3, 4),)

    def forward(self, x):
        return F.log_softmax(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


@pg.hookimpl
def register_activations(register):
    register(LogSoftmax)
