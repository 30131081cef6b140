"""Conv1d: the same small weighted sum at every place of a sequence."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of a sequence with each filter: see nn.Conv1d.

    x: (N, C, L) or (C, L)   weight: (O, C / groups, K)   bias: (O,)   y: (N, O, OL)
    padding: a number, "valid" or "same".   Raises RuntimeError for other shapes.
    """
    nn.check_images("conv1d", input, 1)
    if weight.ndim != 3:
        raise RuntimeError(f"conv1d: expected a weight (O, C / groups, K), got {weight.shape}")
    word = isinstance(padding, str)
    _, (stride,), (width,), (dilation,) = nn.window(
        "conv1d", 1, stride, 0 if word else padding, dilation, ndim=1)
    # An image of one row.
    return F.conv2d(input.unsqueeze(-2), weight.unsqueeze(-2), bias, (1, stride),
                    padding if word else (0, width), (1, dilation), groups).squeeze(-2)


class Conv1d(nn.Conv):
    """y[n, o] = Σ_c W[o, c] ⋆ x[n, c] + b[o]        x: (N, C, L)   y: (N, O, OL)

    OL = (L + 2 * padding - dilation * (K - 1) - 1) // stride + 1.  padding: a number, "valid" (0)
    or "same" (OL = L).  W (O, C / groups, K) and b begin uniform in ±1/√(C / groups * K).
    """

    ndim = 1

    def convolve(self, *args):
        return F.conv1d(*args)


@pg.hookimpl
def register_layers(register):
    register(Conv1d, functional=conv1d)
