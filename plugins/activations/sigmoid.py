"""Sigmoid: any number to one between 0 and 1."""

import plugrad as pg
from plugrad import nn


def sigmoid(input):
    """y = 1 / (1 + exp(-x))"""
    return pg.sigmoid(input)


class Sigmoid(nn.Module):
    """y = 1 / (1 + exp(-x))"""

    def forward(self, x):
        return x.sigmoid()


@pg.hookimpl
def register_activations(register):
    register(Sigmoid, functional=sigmoid)
