"""CrossEntropyLoss: minus the log-probability of the right class, from scores."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def cross_entropy(input, target, weight=None, *, ignore_index=-100, reduction="mean",
                  label_smoothing=0.0):
    """-Σ_c weight[c] * q[c] * log softmax(input)[c], q the one-hot target or its probabilities.

    input: (C,), (N, C) or (N, C, ...)   target: integers (), (N,), (N, ...), or probabilities of
    input's shape.   label_smoothing s: q <- (1 - s) * q + s / C.   "mean" divides by the sum of
    the weights of the labels, for probabilities by their number.
    Raises RuntimeError for a target of another dtype or shape, IndexError for a label out of range.
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], got {label_smoothing}")
    if label_smoothing == 0 and isinstance(target, pg.Tensor) and not target.is_floating_point():
        return nn.ClassLoss.of_scores("cross_entropy", input, target, weight, ignore_index,
                                      reduction)
    nn.Loss.check_tensors("cross_entropy", input, target)
    dim = 0 if input.ndim == 1 else 1
    log_p = input.log_softmax(dim)
    smooth = label_smoothing / max(input.shape[dim], 1)
    if weight is not None:
        weight_c = weight.reshape(-1, *[1] * (input.ndim - dim - 1))      # along dim
    if target.shape == input.shape and target.dtype.is_floating_point:
        weighted = log_p if weight is None else log_p * weight_c
        losses = -(weighted * (target * (1 - label_smoothing) + smooth)).sum(dim)
        return nn.Loss.reduce(losses, reduction)
    losses, weights = nn.ClassLoss.pick("cross_entropy", log_p, target, weight, ignore_index)
    if label_smoothing:
        uniform = -(log_p if weight is None else log_p * weight_c).sum(dim)
        uniform = pg.where(target == ignore_index, 0.0, uniform)
        losses = (1 - label_smoothing) * losses + smooth * uniform
    return nn.Loss.reduce(losses, reduction, weights)


class CrossEntropyLoss(nn.ClassLoss):
    """-weight[t] * log softmax(input)[t] for each label t, by default the weighted mean

    input: scores (N, C, ...), no softmax   target: integers (N, ...), or probabilities (N, C, ...).
    Labels equal to ignore_index do not count.   label_smoothing: see F.cross_entropy.
    """

    def __init__(self, weight=None, *args, ignore_index=-100, reduction="mean",
                 label_smoothing=0.0):
        super().__init__(weight, *args, ignore_index=ignore_index, reduction=reduction)
        self.label_smoothing = nn.number(label_smoothing, "CrossEntropyLoss: label_smoothing", 0, 1)

    def forward(self, input, target):
        return F.cross_entropy(input, target, self.weight, ignore_index=self.ignore_index,
                               reduction=self.reduction, label_smoothing=self.label_smoothing)


@pg.hookimpl
def register_losses(register):
    register(CrossEntropyLoss, functional=cross_entropy)
