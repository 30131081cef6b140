"""Tanh: any number to one between -1 and 1."""

import plugrad as pg
from plugrad import nn


def tanh(input):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""
    return pg.tanh(input)


class Tanh(nn.Module):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""

    def forward(self, x):
        return x.tanh()


@pg.hookimpl
def register_activations(register):
    register(Tanh, functional=tanh)
