"""PairwiseDistance: how far the vectors of one tensor are from those of another."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """(Σ |x1 - x2 + eps| ** p) ** (1 / p), the sum along the last dimension

    x1, x2: (..., D), shapes that fit.   eps: keeps the gradient finite where the two are equal.
    """
    d = x1 - x2 + eps
    return d.norm(p, -1, keepdim) if d.ndim else d.abs()


class PairwiseDistance(nn.Module):
    """(Σ |x1 - x2 + eps| ** p) ** (1 / p), the sum along the last dimension

    x1, x2: (N, D) or (D,)   result: (N,) or (), with keepdim (N, 1) or (1,).
    p: any number, inf for the largest difference.   eps: keeps gradients finite where x1 = x2.
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__()
        self.norm = nn.number(p, "PairwiseDistance: p")
        self.eps = nn.number(eps, "PairwiseDistance: eps")
        self.keepdim = nn.flag(keepdim, "PairwiseDistance: keepdim")

    def forward(self, x1, x2):
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


@pg.hookimpl
def register_layers(register):
    register(PairwiseDistance, functional=pairwise_distance)
