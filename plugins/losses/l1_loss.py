"""L1Loss: the absolute error."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def l1_loss(input, target, *, reduction="mean", weight=None):
    """|input - target|, by default its mean over all elements.

    weight: None or of input's shape, a factor for each; "mean" divides by their sum.   Warns if
    target's shape differs, for then one is repeated.   Raises ValueError for another weight.
    """
    nn.Loss.check_same_shape("l1_loss", input, target)
    losses = (input - target).abs()
    if weight is not None:
        nn.Loss.check_weight("l1_loss", input, weight)
        losses = losses * weight
    return nn.Loss.reduce(losses, reduction, weight)


class L1Loss(nn.Loss):
    """|input - target|, by default its mean over all elements; two tensors of one shape"""

    def forward(self, input, target):
        return F.l1_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(L1Loss, functional=l1_loss)
