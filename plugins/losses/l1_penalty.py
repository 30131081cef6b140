"""L1Penalty: makes weights small, and many of them zero."""

import plugrad as pg
from plugrad import nn


class L1Penalty(nn.Penalty):
    """strength * Σ |w|, of shape (), to be added to a loss        (Tibshirani, 1996)

        loss = criterion(model(x), y) + penalty(model)

    Call it with a Module, its parameters(), or a Tensor.   bias: whether parameters of less than
    two dimensions count too.   Raises ValueError if no weight is found.
    """

    def __init__(self, strength=1e-3, bias=False):
        super().__init__(nn.flag(bias, "L1Penalty: bias"))
        self.strength = nn.number(strength, "L1Penalty: strength", 0)

    def cost(self, w):
        return self.strength * w.abs().sum()

    @staticmethod
    def example():
        return L1Penalty(), (pg.linspace(-1.9, 1.7, 6),)


@pg.hookimpl
def register_losses(register):
    register(L1Penalty)
