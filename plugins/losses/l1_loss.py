"""L1Loss: the absolute error."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def l1_loss(input, target, *, reduction="mean"):
    """|input - target|, by default its mean over all elements.

    Warns if the shapes differ, for then one is repeated along the other.
    """
    nn.Loss.check_same_shape("l1_loss", input, target)
    return nn.Loss.reduce((input - target).abs(), reduction)


class L1Loss(nn.Loss):
    """|input - target|, by default its mean over all elements; two tensors of one shape"""

    def forward(self, input, target):
        return F.l1_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(L1Loss, functional=l1_loss)
