"""SELU: an ELU of such a size that mean 0 and variance 1 stay from layer to layer."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

ALPHA = 1.6732632423543772848170429916717
SCALE = 1.0507009873554804934193349852946


def selu(input, inplace=False):
    """y = 1.0507 * elu(x, alpha=1.67326); inplace: written over x"""
    nn.floating(input, "selu")
    return nn.in_place(selu, input) if inplace else SCALE * F.elu(input, ALPHA)


def selu_(input):
    """F.selu, written over the input"""
    return selu(input, inplace=True)


class SELU(nn.Module):
    """y = 1.0507 * elu(x, alpha=1.67326)   (Klambauer et al., 2017)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "SELU: inplace")

    def forward(self, x):
        return F.selu(x, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


@pg.hookimpl
def register_activations(register):
    register(SELU, functional=(selu, selu_))
