"""Perceptron: the first network that learned."""

import plugrad as pg
from plugrad import nn


class Perceptron(nn.Module):
    """y = 1 where W x + b >= 0, else 0        x: (..., in_features)   y: (..., out_features)

    The step has no slope: learn by Rosenblatt's rule, W += lr * (target - y) x, or minimize a
    HingeLoss of `self.linear(x)`.  W and b begin as 0.   (Rosenblatt, 1958)
    """

    def __init__(self, in_features, out_features=1):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.step = nn.Heaviside(1.0)
        with pg.no_grad():
            for parameter in self.parameters():
                parameter.zero_()

    @staticmethod
    def example():
        return Perceptron(3, 2), (pg.randn(4, 3),)

    def forward(self, x):
        return self.step(self.linear(x))


@pg.hookimpl
def register_models(register):
    register(Perceptron)
