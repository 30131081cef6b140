"""RReLU: a leaky ReLU that, in training, is leaky at random."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """y = x where x > 0, else a * x, each a uniform in [lower, upper]

    If not training, a is the middle of the two.   inplace: written over x.
    Raises RuntimeError if lower > upper or one is not finite.
    """
    nn.floating(input, "rrelu")
    if not float("-inf") < lower <= upper < float("inf"):
        raise RuntimeError("rrelu: expected finite numbers lower <= upper, got "
                           f"lower={lower} and upper={upper}")
    if inplace:
        return nn.in_place(rrelu, input, lower, upper, training)
    if not training:
        return F.leaky_relu(input, (lower + upper) / 2)
    with pg.no_grad():
        slope, leaks = pg.ones_like(input), input <= 0
        drawn = pg.empty(leaks.sum().item(), dtype=pg.float64).uniform_(lower, upper)
        slope[leaks] = drawn.to(input.dtype)
    return input * slope


def rrelu_(input, lower=1.0 / 8, upper=1.0 / 3, training=False):
    """F.rrelu, written over the input"""
    return rrelu(input, lower, upper, training, inplace=True)


class RReLU(nn.Module):
    """y = x where x > 0, else a * x, each a uniform in [lower, upper]   (Xu et al., 2015)

    After eval() a is the middle of the two.   inplace: write y over x.
    A call raises RuntimeError if lower > upper or one is not finite.
    """

    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        super().__init__()
        self.lower = nn.number(lower, "RReLU: lower")
        self.upper = nn.number(upper, "RReLU: upper")
        self.inplace = nn.flag(inplace, "RReLU: inplace")

    def forward(self, x):
        return F.rrelu(x, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        text = f"lower={self.lower}, upper={self.upper}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(RReLU, functional=(rrelu, rrelu_))
