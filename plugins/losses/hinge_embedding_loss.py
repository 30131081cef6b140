"""HingeEmbeddingLoss: distances of like pairs shrink, those of unlike pairs grow to a margin."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def hinge_embedding_loss(input, target, margin=1.0, *, reduction="mean"):
    """input where t = 1, max(0, margin - input) where t = -1

    input: e.g. distances   target: t, -1 or 1, of a shape that fits.
    """
    nn.Loss.check_tensors("hinge_embedding_loss", input, target)
    like = pg.where(target != -1, input, 0)
    unlike = pg.where(target != 1, (margin - input).clamp(min=0), 0)
    return nn.Loss.reduce(like + unlike, reduction)


class HingeEmbeddingLoss(nn.Loss):
    """input where t = 1, max(0, margin - input) where t = -1, by default the mean

    input: e.g. distances of pairs   target: t, 1 for a like pair and -1 for an unlike one.
    """

    def __init__(self, margin=1.0, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.margin = nn.number(margin, "HingeEmbeddingLoss: margin")

    def forward(self, input, target):
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)

    @staticmethod
    def example():
        return HingeEmbeddingLoss(), (pg.linspace(0.15, 1.95, 6), pg.tensor([1, -1, -1, 1, -1, 1]))


@pg.hookimpl
def register_losses(register):
    register(HingeEmbeddingLoss, functional=hinge_embedding_loss)
