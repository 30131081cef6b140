"""SoftMarginLoss: the logistic loss, for answers -1 and 1."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.losses._log_sigmoid import log_sigmoid


def soft_margin_loss(input, target, *, reduction="mean"):
    """log(1 + exp(-t * input))        target: t, -1 or 1, of a shape that fits

    Finite where exp overflows, unlike PyTorch's, which is inf there.
    """
    nn.Loss.check_tensors("soft_margin_loss", input, target)
    return nn.Loss.reduce(-log_sigmoid(target * input), reduction)


class SoftMarginLoss(nn.Loss):
    """log(1 + exp(-t * input)), by default its mean        input: scores   target: t, -1 or 1"""

    def forward(self, input, target):
        return F.soft_margin_loss(input, target, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(SoftMarginLoss, functional=soft_margin_loss)
