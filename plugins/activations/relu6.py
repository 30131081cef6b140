"""ReLU6: the positive part, up to 6."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def relu6(input, inplace=False):
    """y = min(max(x, 0), 6)   (Krizhevsky, 2010); inplace: written over x"""
    return F.hardtanh(input, 0, 6, inplace)


class ReLU6(nn.Module):
    """y = min(max(x, 0), 6)   (Krizhevsky, 2010)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "ReLU6: inplace")

    def forward(self, x):
        return F.relu6(x, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


@pg.hookimpl
def register_activations(register):
    register(ReLU6, functional=relu6)
