"""NLLLoss: minus the log-probability of the right class, from log-probabilities."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def nll_loss(input, target, weight=None, *, ignore_index=-100, reduction="mean"):
    """-weight[t] * input[t] for each label t; "mean" divides by the sum of the weights used.

    input: log-probabilities (C,), (N, C) or (N, C, ...)   target: integers (), (N,) or (N, ...)
    weight: (C,).  Labels equal to ignore_index do not count.
    Raises RuntimeError for a target of another dtype or shape, IndexError for a label out of range.
    """
    return nn.ClassLoss.of_log_p("nll_loss", input, target, weight, ignore_index, reduction)


class NLLLoss(nn.ClassLoss):
    """-weight[t] * input[t] for each label t, by default the weighted mean: see F.nll_loss

    input: log-probabilities (N, C, ...), as of LogSoftmax   target: integers (N, ...)
    """

    def forward(self, input, target):
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index,
                          reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(NLLLoss, functional=nll_loss)
