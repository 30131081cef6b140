"""LogSigmoid: scores to logarithms of probabilities, one by one."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def logsigmoid(input):
    """y = log(1 / (1 + exp(-x))) = -log(1 + exp(-x))"""
    nn.floating(input, "logsigmoid")
    # From 40 on, log(1 + exp(z)) and z are the same number, in float64 too.
    return -F.softplus(-input, threshold=40)


class LogSigmoid(nn.Module):
    """y = log(1 / (1 + exp(-x))) = -log(1 + exp(-x))"""

    def forward(self, x):
        return F.logsigmoid(x)


@pg.hookimpl
def register_activations(register):
    register(LogSigmoid, functional=logsigmoid)
