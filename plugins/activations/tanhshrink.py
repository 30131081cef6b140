"""Tanhshrink: what tanh takes away."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def tanhshrink(input):
    """y = x - tanh(x)"""
    return input - input.tanh()


class Tanhshrink(nn.Module):
    """y = x - tanh(x)"""

    def forward(self, x):
        return F.tanhshrink(x)


@pg.hookimpl
def register_activations(register):
    register(Tanhshrink, functional=tanhshrink)
