"""MarginRankingLoss: one of two scores should be higher, by a margin."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def margin_ranking_loss(input1, input2, target, margin=0.0, *, reduction="mean"):
    """max(0, margin - t * (input1 - input2))

    target: t = 1 where input1 should be higher, -1 where input2 should.   Three shapes that fit.
    Raises RuntimeError unless all have the same number of dimensions.
    """
    nn.Loss.check_all("margin_ranking_loss", input1=input1, input2=input2, target=target)
    if not input1.ndim == input2.ndim == target.ndim:
        shapes = ", ".join(str(tuple(x.shape)) for x in (input1, input2, target))
        raise RuntimeError("margin_ranking_loss: expected input1, input2 and target with the same "
                           f"number of dimensions, got shapes {shapes}; reshape the odd one")
    losses = (margin - target * (input1 - input2)).clamp(min=0)
    return nn.Loss.reduce(losses, reduction)


class MarginRankingLoss(nn.Loss):
    """max(0, margin - t * (input1 - input2)), by default its mean

    input1, input2: scores   target: t = 1 where input1 should be higher, -1 where input2 should.
    """

    def __init__(self, margin=0.0, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.margin = nn.number(margin, "MarginRankingLoss: margin")

    def forward(self, input1, input2, target):
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)

    @staticmethod
    def example():
        x = pg.linspace(-1, 1.2, 6)
        return MarginRankingLoss(0.5), (x, x.flip(0), pg.tensor([1, -1, 1, 1, -1, -1]))


@pg.hookimpl
def register_losses(register):
    register(MarginRankingLoss, functional=margin_ranking_loss)
