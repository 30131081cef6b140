"""Mish: x times the tanh of its softplus."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def mish(input, inplace=False):
    """y = x * tanh(log(1 + exp(x))); inplace: written over x"""
    nn.floating(input, "mish")
    return nn.in_place(mish, input) if inplace else input * F.softplus(input).tanh()


class Mish(nn.Module):
    """y = x * tanh(log(1 + exp(x)))   (Misra, 2019)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "Mish: inplace")

    def forward(self, x):
        return F.mish(x, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


@pg.hookimpl
def register_activations(register):
    register(Mish, functional=mish)
