"""Linear: every output a weighted sum of all inputs."""

from math import sqrt

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Linear(nn.Module):
    """y = x Wᵀ + b        x: (..., in_features)   y: (..., out_features)

    W (out_features, in_features) and b begin uniform in ±1/√in_features.
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features = nn.integer(in_features, "Linear: in_features", least=0)
        self.out_features = nn.integer(out_features, "Linear: out_features", least=0)
        options = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(pg.empty((self.out_features, self.in_features), **options))
        b = nn.Parameter(pg.empty((self.out_features,), **options)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1 / sqrt(max(self.in_features, 1))
        with pg.no_grad():
            self.weight.uniform_(-bound, bound)
            if self.bias is not None:
                self.bias.uniform_(-bound, bound)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self):
        return (f"in_features={self.in_features}, out_features={self.out_features}, "
                f"bias={self.bias is not None}")


@pg.hookimpl
def register_layers(register):
    register(Linear)
