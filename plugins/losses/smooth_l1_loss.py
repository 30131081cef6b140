"""SmoothL1Loss: squared near zero, absolute elsewhere, with slope 1 there."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def smooth_l1_loss(input, target, *, reduction="mean", beta=1.0):
    """d² / (2 * beta) where |d| < beta, else |d| - beta / 2        d = input - target

    Warns if the shapes differ, as one is repeated then.  Raises RuntimeError for a negative beta.
    """
    nn.Loss.check_same_shape("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: expected beta of at least 0, got {beta}; it is the "
                           "error where the square ends, and 0 makes it l1_loss")
    d = input - target
    if beta == 0:
        return nn.Loss.reduce(d.abs(), reduction)
    near = d.clamp(-beta, beta)
    return nn.Loss.reduce(near.square() / (2 * beta) + (d - near).abs(), reduction)


class SmoothL1Loss(nn.Loss):
    """d² / (2 * beta) where |d| < beta, else |d| - beta / 2, by default the mean (Girshick, 2015)

    d = input - target, two tensors of one shape.   beta: at least 0, else RuntimeError.
    """

    def __init__(self, *args, reduction="mean", beta=1.0):
        super().__init__(*args, reduction=reduction)
        self.beta = nn.number(beta, "SmoothL1Loss: beta")

    def forward(self, input, target):
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


@pg.hookimpl
def register_losses(register):
    register(SmoothL1Loss, functional=smooth_l1_loss)
