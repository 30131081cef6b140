"""Heaviside: the step of a neuron that fires or does not."""

import plugrad as pg
from plugrad import nn


class Heaviside(nn.Module):
    """y = 1 where x > 0, 0 where x < 0, `values` at 0   (McCulloch & Pitts, 1943)

    The gradient is 0 everywhere: what lies before it does not learn by gradients.
    """

    def __init__(self, values=0.0):
        super().__init__()
        self.values = nn.number(values, "Heaviside: values")

    def forward(self, x):
        return x.sign().clamp(min=0).masked_fill(x == 0, self.values)

    def extra_repr(self):
        return f"values={self.values}"


@pg.hookimpl
def register_activations(register):
    register(Heaviside)
