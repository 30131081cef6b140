"""HuberLoss: squared for small errors, absolute for large ones, so that outliers weigh less."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d² / 2 where |d| <= delta, else delta * (|d| - delta / 2)        d = input - target

    weight: None or of input's shape, a factor for each.   Warns if target's shape differs.
    Raises RuntimeError if delta is not above 0, ValueError for a weight of another shape.
    """
    nn.Loss.check_same_shape("huber_loss", input, target)
    if not delta > 0:
        raise RuntimeError(f"huber_loss: expected delta above 0, got {delta}; it is the error "
                           "where the square ends")
    d = input - target
    near = d.clamp(-delta, delta)
    losses = near.square() / 2 + delta * (d - near).abs()
    if weight is None:
        return nn.Loss.reduce(losses, reduction)
    nn.Loss.check_weight("huber_loss", input, weight)
    return nn.Loss.reduce(losses * weight, reduction)


class HuberLoss(nn.Loss):
    """d² / 2 where |d| <= delta, else delta * (|d| - delta / 2), by default the mean (Huber, 1964)

    d = input - target, two tensors of one shape.   delta: above 0, else RuntimeError.
    """

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = nn.number(delta, "HuberLoss: delta")

    def forward(self, input, target):
        return F.huber_loss(input, target, self.reduction, self.delta)


@pg.hookimpl
def register_losses(register):
    register(HuberLoss, functional=huber_loss)
