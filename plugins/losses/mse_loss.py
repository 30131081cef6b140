"""MSELoss: the squared error."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def mse_loss(input, target, *, reduction="mean", weight=None):
    """(input - target)², by default its mean over all elements.

    weight: None or of input's shape, a factor for each; "mean" divides by their sum.   Warns if
    target's shape differs, for then one is repeated.   Raises ValueError for another weight.
    """
    nn.Loss.check_same_shape("mse_loss", input, target)
    losses = (input - target).square()
    if weight is not None:
        nn.Loss.check_weight("mse_loss", input, weight)
        losses = losses * weight
    return nn.Loss.reduce(losses, reduction, weight)


class MSELoss(nn.Loss):
    """(input - target)², by default its mean over all elements; two tensors of one shape"""

    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(MSELoss, functional=mse_loss)
