"""Maxout: of every few numbers the largest; the layer before it gives the pieces to choose from."""

import plugrad as pg
from plugrad import nn


class Maxout(nn.Module):
    """y_i = max(x_j), j from i * pieces to i * pieces + pieces - 1   (Goodfellow et al., 2013)

    x: (..., pieces * n, ...)   y: (..., n, ...), both sizes those of `dim`.
    After Linear(m, pieces * n), y is the largest of `pieces` linear functions.
    Raises RuntimeError if the size is not divisible by pieces.
    """

    def __init__(self, pieces, dim=-1):
        super().__init__()
        self.pieces = nn.integer(pieces, "Maxout: pieces", least=1)
        self.dim = nn.integer(dim, "Maxout: dim")

    @classmethod
    def example(cls):
        return cls(2), (pg.randn(3, 4),)

    def forward(self, x):
        if x.ndim == 0 or x.shape[self.dim] % self.pieces:
            raise RuntimeError(f"Maxout: expected a size divisible by pieces={self.pieces} of "
                               f"dimension {self.dim}, got shape {tuple(x.shape)}")
        axis = self.dim % x.ndim
        return x.unflatten(axis, (-1, self.pieces)).max(axis + 1).values

    def extra_repr(self):
        return f"pieces={self.pieces}, dim={self.dim}"


@pg.hookimpl
def register_activations(register):
    register(Maxout)
