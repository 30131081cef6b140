"""PoissonNLLLoss: for counts, such as how many came in an hour."""

import math

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def poisson_nll_loss(input, target, log_input=True, full=False, *, eps=1e-8, reduction="mean"):
    """rate - t * log(rate), where log(rate) = input; or rate = input if not log_input

    target: counts t.   eps is added before the logarithm of a rate.   full: plus log(t!) by
    Stirling's formula, t * log t - t + log(2 pi t) / 2, where t > 1.
    """
    nn.Loss.check_tensors("poisson_nll_loss", input, target)
    if log_input:
        losses = input.exp() - target * input
    else:
        losses = input - target * (input + eps).log()
    if full:
        t = pg.where(target > 1, target, 1)                             # where log t is finite
        stirling = t * t.log() - t + 0.5 * (2 * math.pi * t).log()
        losses = losses + pg.where(target > 1, stirling, 0)
    return nn.Loss.reduce(losses, reduction)


class PoissonNLLLoss(nn.Loss):
    """exp(input) - t * input, or input - t * log(input + eps) if not log_input; by default the mean

    input: log of a Poisson distribution's rate, or the rate   target: counts t, of the same shape.
    full: plus Stirling's approximation of log(t!), which makes it the negative log-likelihood.
    """

    def __init__(self, log_input=True, full=False, *args, eps=1e-8, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.log_input = nn.flag(log_input, "PoissonNLLLoss: log_input")
        self.full = nn.flag(full, "PoissonNLLLoss: full")
        self.eps = nn.number(eps, "PoissonNLLLoss: eps")

    def forward(self, input, target):
        return F.poisson_nll_loss(input, target, self.log_input, self.full, eps=self.eps,
                                  reduction=self.reduction)


@pg.hookimpl
def register_losses(register):
    register(PoissonNLLLoss, functional=poisson_nll_loss)
