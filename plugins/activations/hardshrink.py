"""Hardshrink: small numbers become 0, the others stay."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def hardshrink(input, lambd=0.5):
    """y = 0 where -lambd <= x <= lambd, else x"""
    nn.floating(input, "hardshrink")
    return input.masked_fill((input >= -lambd) & (input <= lambd), 0.0)


class Hardshrink(nn.Module):
    """y = 0 where -lambd <= x <= lambd, else x"""

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = nn.number(lambd, "Hardshrink: lambd")

    def forward(self, x):
        return F.hardshrink(x, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


@pg.hookimpl
def register_activations(register):
    register(Hardshrink, functional=hardshrink)
