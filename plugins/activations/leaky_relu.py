"""LeakyReLU: the negative part is damped rather than cut."""

import plugrad as pg
import plugrad.plugins.activations._leaky_relu as ops
from plugrad import nn
from plugrad.nn import functional as F


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """y = x where x > 0, else negative_slope * x   (Maas et al., 2013); inplace: written over x"""
    y = ops.leaky_relu(nn.floating(input, "leaky_relu"), negative_slope, inplace)
    return input.copy_(y) if inplace else y


def leaky_relu_(input, negative_slope=0.01):
    """F.leaky_relu, written over the input"""
    return leaky_relu(input, negative_slope, inplace=True)


class LeakyReLU(nn.Module):
    """y = x where x > 0, else negative_slope * x   (Maas et al., 2013)

    inplace: write y over x.
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope = nn.number(negative_slope, "LeakyReLU: negative_slope")
        self.inplace = nn.flag(inplace, "LeakyReLU: inplace")

    def forward(self, x):
        return F.leaky_relu(x, self.negative_slope, self.inplace)

    def extra_repr(self):
        text = f"negative_slope={self.negative_slope}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(LeakyReLU, functional=(leaky_relu, leaky_relu_))
