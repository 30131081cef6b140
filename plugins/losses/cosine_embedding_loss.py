"""CosineEmbeddingLoss: like pairs should point the same way, unlike pairs should not."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

SMALL = 1e-12                               # under the root, so that a zero vector has a cosine


@nn.averaging
def cosine_embedding_loss(input1, input2, target, margin=0.0, *, reduction="mean"):
    """1 - cos(input1, input2) where t = 1, max(0, cos(input1, input2) - margin) where t = -1

    input1, input2: (N, D) and target: t (N,), or (D,) and ().   Raises RuntimeError for others.
    """
    nn.Loss.check_all("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    if target.ndim > 1 or input1.ndim != target.ndim + 1 or input2.ndim != target.ndim + 1:
        shapes = ", ".join(str(tuple(x.shape)) for x in (input1, input2, target))
        raise RuntimeError("cosine_embedding_loss: expected inputs (N, D) with target (N,), or "
                           f"(D,) with (), got shapes {shapes}")
    squares = (input1.square().sum(-1) + SMALL) * (input2.square().sum(-1) + SMALL)
    cos = (input1 * input2).sum(-1) / squares.sqrt()
    like = pg.where(target == 1, 1 - cos, 0)
    unlike = pg.where(target == -1, (cos - margin).clamp(min=0), 0)
    return nn.Loss.reduce(like + unlike, reduction)


class CosineEmbeddingLoss(nn.Loss):
    """1 - cos(input1, input2) where t = 1, max(0, cos(input1, input2) - margin) where t = -1

    By default the mean.   input1, input2: (N, D) and target: t (N,), or (D,) and ().
    Raises RuntimeError for others.
    """

    def __init__(self, margin=0.0, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.margin = nn.number(margin, "CosineEmbeddingLoss: margin")

    def forward(self, input1, input2, target):
        return F.cosine_embedding_loss(input1, input2, target, self.margin,
                                       reduction=self.reduction)

    @staticmethod
    def example():
        x = pg.linspace(-1, 1.2, 12).reshape(4, 3)
        return CosineEmbeddingLoss(), (x, x.flip(0) * x, pg.tensor([1, -1, 1, -1]))


@pg.hookimpl
def register_losses(register):
    register(CosineEmbeddingLoss, functional=cosine_embedding_loss)
