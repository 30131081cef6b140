"""SoftMarginLoss: the logistic loss, for answers -1 and 1."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.losses._log_sigmoid import log_sigmoid


@nn.averaging
def soft_margin_loss(input, target, *, reduction="mean"):
    """log(1 + exp(-t * input))        target: t, -1 or 1, of a shape that fits input's

    Finite where exp overflows, unlike PyTorch's, which is inf there.
    Raises RuntimeError for a target with more elements, or of another shape.
    """
    nn.Loss.check_tensors("soft_margin_loss", input, target)
    scores = target * nn.floating(input, "soft_margin_loss")
    if scores.shape != input.shape:
        raise RuntimeError("soft_margin_loss: expected target of a shape that fits input's "
                           f"{tuple(input.shape)}, got {tuple(target.shape)}")
    return nn.Loss.reduce(-log_sigmoid(scores), reduction)


class SoftMarginLoss(nn.Loss):
    """log(1 + exp(-t * input)), by default its mean        input: scores   target: t, -1 or 1"""

    def forward(self, input, target):
        return F.soft_margin_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(SoftMarginLoss, functional=soft_margin_loss)
