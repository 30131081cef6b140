"""Bilinear: every output a weighted sum of all products of two inputs."""

from math import sqrt

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def bilinear(input1, input2, weight, bias=None):
    """y[o] = x1ᵀ W[o] x2 + b[o]        x1: (..., I)   x2: (..., J)   W: (O, I, J)   y: (..., O)

    Raises RuntimeError for inputs that do not fit each other or the weight.
    """
    if weight.ndim != 3 or input1.shape[:-1] != input2.shape[:-1] or (
            input1.shape[-1:] + input2.shape[-1:] != weight.shape[1:]):
        raise RuntimeError("bilinear: expected inputs (..., I) and (..., J) for weight (O, I, J), "
                           f"got shapes {tuple(input1.shape)}, {tuple(input2.shape)} and "
                           f"{tuple(weight.shape)}")
    if input1.dtype is not weight.dtype or input2.dtype is not weight.dtype:
        raise RuntimeError(f"bilinear: expected inputs of weight's dtype {weight.dtype}, got "
                           f"{input1.dtype} and {input2.dtype}; convert with .to({weight.dtype})")
    products = input1.unsqueeze(-1) * input2.unsqueeze(-2)                      # (..., I, J)
    return F.linear(products.flatten(-2), weight.flatten(1), bias)


class Bilinear(nn.Module):
    """y[o] = x1ᵀ W[o] x2 + b[o]        x1: (..., in1_features)   x2: (..., in2_features)

    W (out_features, in1_features, in2_features) and b begin uniform in ±1/√in1_features.
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None,
                 dtype=None):
        super().__init__()
        self.in1_features = nn.integer(in1_features, "Bilinear: in1_features", least=1)
        self.in2_features = nn.integer(in2_features, "Bilinear: in2_features", least=0)
        self.out_features = nn.integer(out_features, "Bilinear: out_features", least=0)
        options = {"device": device, "dtype": dtype}
        shape = (self.out_features, self.in1_features, self.in2_features)
        self.weight = nn.Parameter(pg.empty(shape, **options))
        b = nn.Parameter(pg.empty((self.out_features,), **options)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    @staticmethod
    def example():
        return Bilinear(2, 3, 4), (pg.randn(5, 2), pg.randn(5, 3))

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1 / sqrt(self.in1_features)
        with pg.no_grad():
            self.weight.uniform_(-bound, bound)
            if self.bias is not None:
                self.bias.uniform_(-bound, bound)

    def forward(self, x1, x2):
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self):
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
                f"out_features={self.out_features}, bias={self.bias is not None}")


@pg.hookimpl
def register_layers(register):
    register(Bilinear, functional=bilinear)
