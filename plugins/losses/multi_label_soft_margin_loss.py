"""MultiLabelSoftMarginLoss: a question of yes or no for every class."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.losses._log_sigmoid import log_sigmoid


@nn.averaging
def multilabel_soft_margin_loss(input, target, weight=None, *, reduction="mean"):
    """The mean over classes of -weight * (t * log p + (1 - t) * log(1 - p)), p = sigmoid(input)

    input: scores (..., C)   target: t in [0, 1], of the same shape   weight: None or (C,).
    """
    nn.Loss.check_tensors("multilabel_soft_margin_loss", input, target)
    nn.floating(input, "multilabel_soft_margin_loss")
    losses = -(target * log_sigmoid(input) + (1 - target) * log_sigmoid(-input))
    losses = losses if weight is None else losses * weight
    return nn.Loss.reduce(losses.mean(-1), reduction)


class MultiLabelSoftMarginLoss(nn.Loss):
    """The mean over classes of -weight * (t * log p + (1 - t) * log(1 - p)), p = sigmoid(input)

    By default its mean over the batch.   input: scores (N, C)   target: t in [0, 1], of the same
    shape   weight: None or (C,).
    """

    def __init__(self, weight=None, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(MultiLabelSoftMarginLoss, functional=multilabel_soft_margin_loss)
