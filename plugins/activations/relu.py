"""ReLU: the positive part."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class ReLU(nn.Module):
    """y = max(x, 0)   (Nair & Hinton, 2010)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "ReLU: inplace")

    def forward(self, x):
        return F.relu(x, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


@pg.hookimpl
def register_activations(register):
    register(ReLU)
