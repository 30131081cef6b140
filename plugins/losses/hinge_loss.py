"""HingeLoss: the loss of a support vector machine and, without a margin, of a perceptron."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def hinge_loss(input, target, margin=1.0, *, reduction="mean"):
    """max(0, margin - t * input)        input: scores   target: t, -1 or 1, of the same shape

    Raises ValueError for another shape or other targets.
    """
    nn.Loss.check_tensors("hinge_loss", input, target)
    if input.shape != target.shape:
        raise ValueError(f"hinge_loss: expected target of input's shape {tuple(input.shape)}, got "
                         f"{tuple(target.shape)}; use e.g. target.unsqueeze(1) or input.squeeze(1)")
    if not ((target == 1) | (target == -1)).all():
        raise ValueError("hinge_loss: expected targets -1 and 1, got numbers from "
                         f"{target.min().item():g} to {target.max().item():g}; answers 0 and 1 "
                         "become these by 2 * target - 1")
    return nn.Loss.reduce((margin - target * input).relu(), reduction)


class HingeLoss(nn.Loss):
    """max(0, margin - t * input), by default its mean        (Cortes and Vapnik, 1995)

    input: scores   target: t, -1 or 1, of the same shape; ValueError for others.
    margin: 1 for a support vector machine, 0 for a perceptron (Rosenblatt, 1958).
    """

    def __init__(self, margin=1.0, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.margin = nn.number(margin, "HingeLoss: margin", 0)

    def forward(self, input, target):
        return F.hinge_loss(input, target, self.margin, reduction=self.reduction)

    def extra_repr(self):
        return f"margin={self.margin}"

    @staticmethod
    def example():
        return HingeLoss(), (pg.linspace(-1.9, 1.7, 6), pg.tensor([1, -1, -1, 1, -1, 1]))


@pg.hookimpl
def register_losses(register):
    register(HingeLoss, functional=hinge_loss)
