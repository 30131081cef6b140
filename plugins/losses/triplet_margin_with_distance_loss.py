"""TripletMarginWithDistanceLoss: TripletMarginLoss for any distance."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None,
                                      margin=1.0, swap=False, reduction="mean"):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d the distance_function

    None for F.pairwise_distance.   swap: with the smaller of d(anchor, negative) and
    d(positive, negative).
    Raises ValueError unless margin > 0, RuntimeError for different numbers of dimensions.
    """
    nn.Loss.check_all("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    if not margin > 0:
        raise ValueError(f"triplet_margin_loss: expected margin above 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        shapes = ", ".join(str(tuple(x.shape)) for x in (anchor, positive, negative))
        raise RuntimeError("triplet_margin_loss: expected anchor, positive and negative with the "
                           f"same number of dimensions, got shapes {shapes}")
    distance = F.pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = pg.minimum(far, distance(positive, negative))
    return nn.Loss.reduce((margin + near - far).clamp(min=0), reduction)


class TripletMarginWithDistanceLoss(nn.Loss):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d the distance_function

    By default the mean, with PairwiseDistance().   distance_function: (Tensor, Tensor) -> Tensor.
    swap: with the smaller of d(anchor, negative) and d(positive, negative).   margin: above 0.
    """

    def __init__(self, *, distance_function=None, margin=1.0, swap=False, reduction="mean"):
        super().__init__(reduction=reduction)
        if nn.number(margin, "TripletMarginWithDistanceLoss: margin") <= 0:
            raise ValueError("TripletMarginWithDistanceLoss: expected margin above 0, got "
                             f"{margin}")
        self.distance_function = (nn.PairwiseDistance() if distance_function is None
                                  else distance_function)
        self.margin, self.swap = margin, swap

    def forward(self, anchor, positive, negative):
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=self.distance_function,
            margin=self.margin, swap=self.swap, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(TripletMarginWithDistanceLoss, functional=triplet_margin_with_distance_loss)
