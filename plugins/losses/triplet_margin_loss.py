"""TripletMarginLoss: an anchor should be nearer to its like than to another, by a margin."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, *,
                        reduction="mean"):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d as F.pairwise_distance

    Three shapes (..., D).   swap: with the smaller of d(anchor, negative), d(positive, negative).
    Raises ValueError unless margin > 0, RuntimeError for different numbers of dimensions.
    """

    def distance(a, b):
        return F.pairwise_distance(a, b, p, eps)

    return F.triplet_margin_with_distance_loss(anchor, positive, negative, margin=margin, swap=swap,
                                               distance_function=distance, reduction=reduction)


class TripletMarginLoss(nn.Loss):
    """max(0, d(a, p) - d(a, n) + margin), by default its mean        (Balntas et al., 2016)

    anchor, positive, negative: three (..., D)   d: distance by the p-norm, see PairwiseDistance.
    swap: with the smaller of d(anchor, negative) and d(positive, negative).   margin: above 0.
    """

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        if nn.number(margin, "TripletMarginLoss: margin") <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin above 0, got {margin}")
        self.margin, self.p = margin, nn.number(p, "TripletMarginLoss: p")
        self.eps, self.swap = nn.number(eps, "TripletMarginLoss: eps"), swap

    def forward(self, anchor, positive, negative):
        return F.triplet_margin_loss(anchor, positive, negative, self.margin, self.p, self.eps,
                                     self.swap, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(TripletMarginLoss, functional=triplet_margin_loss)
