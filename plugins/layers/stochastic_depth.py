"""StochasticDepth: in training, a residual branch may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

MODES = ("batch", "row")


def stochastic_depth(input, p, mode, training=True):
    """y = x * m / (1 - p), m 0 with probability p and else 1   (Huang et al., 2016)

    input: (N, ...).   mode: "row" draws one m per sample, "batch" a single one.
    y = x if not training.   Raises ValueError for p outside [0, 1] and another mode.
    """
    nn.choice(mode, "stochastic_depth: mode", MODES)
    if mode == "row" and input.ndim == 0:
        raise RuntimeError("stochastic_depth: expected samples (N, ...), got a 0-d tensor")
    shape = (input.shape[0], *[1] * (input.ndim - 1)) if mode == "row" else (1,) * input.ndim
    return nn.drop(input, p, shape, training, False)


class StochasticDepth(nn.Module):
    """y = x * m / (1 - p), m 0 with probability p and else 1; y = x after eval()

    x: (N, ...), the output of a residual branch.   mode: "row" draws one m per sample, "batch" a
    single one.   (Huang et al., 2016)
    """

    def __init__(self, p, mode):
        super().__init__()
        self.p = nn.number(p, "StochasticDepth: p", 0, 1)
        self.mode = nn.choice(mode, "StochasticDepth: mode", MODES)

    @staticmethod
    def example():
        return StochasticDepth(0.5, "row"), pg.randn(4, 3)

    def forward(self, x):
        return F.stochastic_depth(x, self.p, self.mode, self.training)

    def extra_repr(self):
        return f"p={self.p}, mode={self.mode}"


@pg.hookimpl
def register_layers(register):
    register(StochasticDepth, functional=stochastic_depth)
