"""BCEWithLogitsLoss: for questions that are answered by yes or no, from scores."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.losses._log_sigmoid import log_sigmoid


@nn.averaging
def binary_cross_entropy_with_logits(input, target, weight=None, *, reduction="mean",
                                     pos_weight=None):
    """-weight * (pos_weight * t * log p + (1 - t) * log(1 - p))   with p = sigmoid(input)

    input, target: one shape, t in [0, 1]   weight, pos_weight: None or of a shape that fits.
    Raises ValueError if the shapes differ, RuntimeError for a target that holds no floats.
    """
    nn.Loss.check_tensors("binary_cross_entropy_with_logits", input, target)
    nn.floating(input, "binary_cross_entropy_with_logits")
    if input.shape != target.shape:
        raise ValueError("binary_cross_entropy_with_logits: expected target of input's shape "
                         f"{tuple(input.shape)}, got {tuple(target.shape)}; use e.g. "
                         "target.unsqueeze(1) or input.squeeze(1)")
    if not target.is_floating_point():
        raise RuntimeError("binary_cross_entropy_with_logits: expected target of floating point "
                           f"dtype, got {target.dtype}; convert with target.to({input.dtype})")
    log_p = log_sigmoid(input)
    if pos_weight is None:
        losses = (1 - target) * input - log_p         # log(1 - p) = log p - x
    else:
        losses = (1 - target) * input - (1 + (pos_weight - 1) * target) * log_p
    return nn.Loss.reduce(losses if weight is None else losses * weight, reduction)


class BCEWithLogitsLoss(nn.Loss):
    """-weight * (pos_weight * t * log p + (1 - t) * log(1 - p)), by default its mean

    p = sigmoid(input)   input: scores   target: t in [0, 1], of the same shape.
    """

    def __init__(self, weight=None, *args, reduction="mean", pos_weight=None):
        super().__init__(*args, reduction=reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight)


@pg.hookimpl
def register_losses(register):
    register(BCEWithLogitsLoss, functional=binary_cross_entropy_with_logits)
