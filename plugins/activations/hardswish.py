"""Hardswish: x times a sigmoid made of three straight lines."""

import plugrad as pg
import plugrad.plugins.activations._hardswish as ops
from plugrad import nn
from plugrad.nn import functional as F


def hardswish(input, inplace=False):
    """y = x * min(max(x + 3, 0), 6) / 6   (Howard et al., 2019); inplace: written over x"""
    nn.floating(input, "hardswish")
    return nn.in_place(hardswish, input) if inplace else ops.hardswish(input)


class Hardswish(nn.Module):
    """y = x * min(max(x + 3, 0), 6) / 6   (Howard et al., 2019)

    inplace: write y over x.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = nn.flag(inplace, "Hardswish: inplace")

    def forward(self, x):
        return F.hardswish(x, self.inplace)


@pg.hookimpl
def register_activations(register):
    register(Hardswish, functional=hardswish)
