"""MLP: layers of perceptrons, one behind the other."""

from itertools import pairwise

import plugrad as pg
from plugrad import nn


class MLP(nn.Sequential):
    """Linear layers with an activation after each but the last        (Rumelhart et al., 1986)

    sizes: of input, hidden layers and output: MLP(784, 100, 10).   x: (..., sizes[0])
    activation: a class or function that makes a module, nn.ReLU if None; dropout: after each.
    """

    def __init__(self, *sizes, activation=None, dropout=0.0, bias=True):
        super().__init__()
        if len(sizes) < 2:
            raise ValueError("MLP: expected the sizes of input, hidden layers and output, got "
                             f"{sizes}; write MLP(784, 100, 10)")
        last = len(sizes) - 2
        for i, (inside, outside) in enumerate(pairwise(sizes)):
            self.append(nn.Linear(inside, outside, bias))
            if i < last:
                self.append(nn.ReLU() if activation is None else activation())
                if dropout:
                    self.append(nn.Dropout(dropout))

    @staticmethod
    def example():
        return MLP(3, 4, 2), (pg.randn(5, 3),)


@pg.hookimpl
def register_models(register):
    register(MLP)
