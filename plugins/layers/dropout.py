"""Dropout: in training, each element may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def dropout(input, p=0.5, training=True, inplace=False):
    """y = x * m / (1 - p), each m 0 with probability p and else 1; y = x if not training.

    (Srivastava et al., 2014)   Raises ValueError for p outside [0, 1].
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: the probability must be between 0 and 1, got {p}")
    if not training or p == 0:
        return input
    scale = 0.0 if p == 1 else 1 / (1 - p)
    with pg.no_grad():
        mask = pg.empty_like(input).bernoulli_(1 - p).mul_(scale)
    return input.mul_(mask) if inplace else input * mask


class Dropout(nn.Module):
    """y = x * m / (1 - p), each m 0 with probability p and else 1; y = x after eval()"""

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        self.p = nn.number(p, "Dropout: p", 0, 1)
        self.inplace = nn.flag(inplace, "Dropout: inplace")

    def forward(self, x):
        return F.dropout(x, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


@pg.hookimpl
def register_layers(register):
    register(Dropout, functional=dropout)
