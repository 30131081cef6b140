"""L2Penalty: makes weights small."""

import plugrad as pg
from plugrad import nn


class L2Penalty(nn.Penalty):
    """strength / 2 * Σ w², of shape (), to be added to a loss     (Hoerl and Kennard, 1970)

        loss = criterion(model(x), y) + penalty(model)

    Its gradient is strength * w: that of SGD with weight_decay=strength.   Call it with a Module,
    its parameters(), or a Tensor.   bias: whether parameters of less than two dimensions count too.
    """

    def __init__(self, strength=1e-3, bias=False):
        super().__init__(nn.flag(bias, "L2Penalty: bias"))
        self.strength = nn.number(strength, "L2Penalty: strength", 0)

    def cost(self, w):
        return self.strength / 2 * w.square().sum()

    @staticmethod
    def example():
        return L2Penalty(), (pg.linspace(-1.9, 1.7, 6),)


@pg.hookimpl
def register_losses(register):
    register(L2Penalty)
