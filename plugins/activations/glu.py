"""GLU: one half of the numbers opens and closes gates for the other half."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def glu(input, dim=-1):
    """y = a * sigmoid(b), with a and b the halves of x along `dim`

    Raises RuntimeError if the size there is odd.
    """
    nn.floating(input, "glu")
    if input.ndim == 0:
        raise RuntimeError("glu: expected a tensor that has two halves, got a 0-d tensor")
    if input.size(dim) % 2:
        raise RuntimeError(f"glu: expected an even size of dimension {dim}, for two halves, got "
                           f"shape {tuple(input.shape)}")
    a, b = input.chunk(2, dim)
    return a * b.sigmoid()


class GLU(nn.Module):
    """y = a * sigmoid(b), with a and b the halves of x along `dim`   (Dauphin et al., 2017)

    x: (..., 2 * n, ...)   y: (..., n, ...)   Raises RuntimeError if the size there is odd.
    """

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = nn.integer(dim, "GLU: dim")

    @classmethod
    def example(cls):
        return cls(), (pg.randn(3, 4),)

    def forward(self, x):
        return F.glu(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


@pg.hookimpl
def register_activations(register):
    register(GLU, functional=glu)
