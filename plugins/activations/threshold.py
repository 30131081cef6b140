"""Threshold: what is not above it is replaced."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def threshold(input, threshold, value, inplace=False):
    """y = x where x > threshold, else value; inplace: written over x"""
    if inplace:
        return nn.in_place(F.threshold, input, threshold, value)
    return input.masked_fill(input <= threshold, value)


def threshold_(input, threshold, value):
    """F.threshold, written over the input"""
    return F.threshold(input, threshold, value, inplace=True)


class Threshold(nn.Module):
    """y = x where x > threshold, else value

    inplace: write y over x.
    """

    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold = nn.number(threshold, "Threshold: threshold")
        self.value = nn.number(value, "Threshold: value")
        self.inplace = nn.flag(inplace, "Threshold: inplace")

    @classmethod
    def example(cls):
        return cls(0.1, -1.0), (pg.linspace(-2, 2, 10),)

    def forward(self, x):
        return F.threshold(x, self.threshold, self.value, self.inplace)

    def extra_repr(self):
        text = f"threshold={self.threshold}, value={self.value}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(Threshold, functional=(threshold, threshold_))
