"""Swish for plugrad: installed, it is plugrad.nn.Swish."""

import plugrad as pg
from plugrad import nn


class Swish(nn.Module):
    """y = x * sigmoid(beta * x), element by element   (Ramachandran et al., 2017)

    beta -> 0 gives x / 2, a large beta comes close to ReLU.
    """

    def __init__(self, beta=1.0):
        super().__init__()
        self.beta = beta

    def forward(self, x):
        return swish(x, self.beta)

    def extra_repr(self):
        return f"beta={self.beta}"


def swish(input, beta=1.0):
    """y = x * sigmoid(beta * x), element by element"""
    return input * (beta * input).sigmoid()


@pg.hookimpl
def register_activations(register):
    register(Swish, functional=swish)
