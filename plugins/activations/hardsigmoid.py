"""Hardsigmoid: a sigmoid made of three straight lines."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def hardsigmoid(input, inplace=False):
    """y = min(max(x + 3, 0), 6) / 6; inplace: written over x"""
    nn.floating(input, "hardsigmoid")
    return nn.in_place(hardsigmoid, input) if inplace else F.relu6(input + 3) / 6


class Hardsigmoid(nn.Module):
    """y = min(max(x + 3, 0), 6) / 6   (Howard et al., 2019)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "Hardsigmoid: inplace")

    def forward(self, x):
        return F.hardsigmoid(x, self.inplace)


@pg.hookimpl
def register_activations(register):
    register(Hardsigmoid, functional=hardsigmoid)
