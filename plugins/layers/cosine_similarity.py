"""CosineSimilarity: whether two vectors point the same way."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """Σ x1 * x2 / (max(|x1|, eps) * max(|x2|, eps)), sums and norms along `dim`

    Shapes that fit; `dim` is of the shape that they make together.   In [-1, 1].
    Raises RuntimeError for integers.
    """
    if not pg.promote_types(x1.dtype, x2.dtype).is_floating_point:
        raise RuntimeError(f"cosine_similarity: expected floating-point numbers, got {x1.dtype} "
                           f"and {x2.dtype}; use x.float()")
    if x1.shape != x2.shape:
        shape = (x1.detach() * x2.detach()).shape
        x1, x2 = x1.expand(shape), x2.expand(shape)
    return (unit(x1, dim, eps) * unit(x2, dim, eps)).sum(dim)


def unit(x, dim, eps):
    """x / max(|x|, eps), with the gradient of x / |x| for any x."""
    length = x.norm(2, dim, keepdim=True).clone()
    with pg.no_grad():
        length.clamp_(min=eps)
    return x / length


class CosineSimilarity(nn.Module):
    """Σ x1 * x2 / (max(|x1|, eps) * max(|x2|, eps)), sums and norms along `dim`

    x1, x2: shapes that fit; `dim` is of the shape that they make together, and goes away.
    """

    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim, self.eps = dim, nn.number(eps, "CosineSimilarity: eps")

    def forward(self, x1, x2):
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


@pg.hookimpl
def register_layers(register):
    register(CosineSimilarity, functional=cosine_similarity)
