"""Softsign: any number to one between -1 and 1, slower than tanh."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def softsign(input):
    """y = x / (1 + |x|)"""
    return input / (input.abs() + 1)


class Softsign(nn.Module):
    """y = x / (1 + |x|)   (Turian et al., 2009)"""

    def forward(self, x):
        return F.softsign(x)


@pg.hookimpl
def register_activations(register):
    register(Softsign, functional=softsign)
