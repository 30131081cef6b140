"""ElasticPenalty: between L1Penalty and L2Penalty."""

import plugrad as pg
from plugrad import nn


class ElasticPenalty(nn.Penalty):
    """strength * Σ (r * |w| + (1 - r) / 2 * w²), r = l1_ratio        (Zou and Hastie, 2005)

        loss = criterion(model(x), y) + penalty(model)

    Call it with a Module, its parameters(), or a Tensor.   l1_ratio: from 0 (L2Penalty) to 1
    (L1Penalty).   bias: whether parameters of less than two dimensions count too.
    """

    def __init__(self, strength=1e-3, l1_ratio=0.5, bias=False):
        super().__init__(nn.flag(bias, "ElasticPenalty: bias"))
        self.strength = nn.number(strength, "ElasticPenalty: strength", 0)
        self.l1_ratio = nn.number(l1_ratio, "ElasticPenalty: l1_ratio", 0, 1)

    def cost(self, w):
        r = self.l1_ratio
        return self.strength * (r * w.abs().sum() + (1 - r) / 2 * w.square().sum())

    @staticmethod
    def example():
        return ElasticPenalty(), (pg.linspace(-1.9, 1.7, 6),)


@pg.hookimpl
def register_losses(register):
    register(ElasticPenalty)
