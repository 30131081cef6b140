"""GELU: x times the probability that a standard normal number is below x."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.activations._gelu import gelu_erf, gelu_tanh


def gelu(input, approximate="none"):
    """y = x * (1 + erf(x / √2)) / 2   (Hendrycks & Gimpel, 2016)

    approximate="tanh": y = x * (1 + tanh(√(2/π) * (x + 0.044715 * x³))) / 2.
    Raises ValueError for another word, NotImplementedError for integers.
    """
    nn.floating(input, "gelu")
    if approximate == "none":
        return gelu_erf(input)
    if approximate == "tanh":
        return gelu_tanh(input)
    raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")


class GELU(nn.Module):
    """y = x * (1 + erf(x / √2)) / 2, or with approximate="tanh" nearly that: see F.gelu"""

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = nn.choice(approximate, "GELU: approximate", ("none", "tanh"))

    def forward(self, x):
        return F.gelu(x, self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


@pg.hookimpl
def register_activations(register):
    register(GELU, functional=gelu)
