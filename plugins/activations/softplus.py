"""Softplus: a ReLU without its kink."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def softplus(input, beta=1.0, threshold=20.0):
    """y = log(1 + exp(beta * x)) / beta, and y = x where beta * x > threshold"""
    nn.floating(input, "softplus")
    linear = input * beta > threshold
    below = input.masked_fill(linear, 0.0)         # exp of what is not needed may be infinite
    return pg.where(linear, input, (below * beta).exp().log1p() / beta)


class Softplus(nn.Module):
    """y = log(1 + exp(beta * x)) / beta, and y = x where beta * x > threshold

    (Dugas et al., 2001)
    """

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = nn.number(beta, "Softplus: beta")
        self.threshold = nn.number(threshold, "Softplus: threshold")

    def forward(self, x):
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


@pg.hookimpl
def register_activations(register):
    register(Softplus, functional=softplus)
