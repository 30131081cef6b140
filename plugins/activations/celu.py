"""CELU: an ELU without a kink at 0, whatever its alpha."""

import plugrad as pg
import plugrad.plugins.activations._elu as ops
from plugrad import nn
from plugrad.nn import functional as F


def celu(input, alpha=1.0, inplace=False):
    """y = x where x > 0, else alpha * (exp(x / alpha) - 1); inplace: written over x

    Raises RuntimeError if alpha is 0.
    """
    nn.floating(input, "celu")
    if alpha == 0:
        raise RuntimeError("celu: expected alpha other than 0, by which x is divided, got 0")
    return nn.in_place(celu, input, alpha) if inplace else ops.elu(input, alpha, 1 / alpha)


def celu_(input, alpha=1.0):
    """F.celu, written over the input"""
    return celu(input, alpha, inplace=True)


class CELU(nn.Module):
    """y = x where x > 0, else alpha * (exp(x / alpha) - 1)   (Barron, 2017)

    inplace: write y over x.   A call raises RuntimeError if alpha is 0.
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = nn.number(alpha, "CELU: alpha")
        self.inplace = nn.flag(inplace, "CELU: inplace")

    def forward(self, x):
        return F.celu(x, self.alpha, self.inplace)

    def extra_repr(self):
        text = f"alpha={self.alpha}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(CELU, functional=(celu, celu_))
