"""ELU: the negative part bends towards -alpha."""

import plugrad as pg
import plugrad.plugins.activations._elu as ops
from plugrad import nn
from plugrad.nn import functional as F


def elu(input, alpha=1.0, inplace=False):
    """y = x where x > 0, else alpha * (exp(x) - 1); inplace: written over x"""
    nn.floating(input, "elu")
    return nn.in_place(elu, input, alpha) if inplace else ops.elu(input, alpha, 1)


def elu_(input, alpha=1.0):
    """F.elu, written over the input"""
    return elu(input, alpha, inplace=True)


class ELU(nn.Module):
    """y = x where x > 0, else alpha * (exp(x) - 1)   (Clevert et al., 2015)

    inplace: write y over x.
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = nn.number(alpha, "ELU: alpha")
        self.inplace = nn.flag(inplace, "ELU: inplace")

    def forward(self, x):
        return F.elu(x, self.alpha, self.inplace)

    def extra_repr(self):
        text = f"alpha={self.alpha}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(ELU, functional=(elu, elu_))
