"""MSELoss: the squared error."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def mse_loss(input, target, *, reduction="mean"):
    """(input - target)², by default its mean over all elements.

    Warns if the shapes differ, for then one is repeated along the other.
    """
    nn.Loss.check_same_shape("mse_loss", input, target)
    return nn.Loss.reduce((input - target).square(), reduction)


class MSELoss(nn.Loss):
    """(input - target)², by default its mean over all elements; two tensors of one shape"""

    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(MSELoss, functional=mse_loss)
