"""SiLU, also called swish: x times its sigmoid."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def silu(input, inplace=False):
    """y = x * sigmoid(x); inplace: written over x"""
    nn.floating(input, "silu")
    return nn.in_place(silu, input) if inplace else input * input.sigmoid()


class SiLU(nn.Module):
    """y = x * sigmoid(x)   (Hendrycks & Gimpel, 2016)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "SiLU: inplace")

    def forward(self, x):
        return F.silu(x, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


@pg.hookimpl
def register_activations(register):
    register(SiLU, functional=silu)
