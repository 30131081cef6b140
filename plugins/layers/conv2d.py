"""Conv2d: the same small weighted sum at every place of an image."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Conv2d(nn.Conv):
    """y[n, o] = Σ_c W[o, c] ⋆ x[n, c] + b[o]        x: (N, C, H, W)   y: (N, O, OH, OW)

    OH = (H + 2 * padding - dilation * (K - 1) - 1) // stride + 1.  padding: numbers, "valid" (0)
    or "same" (OH = H).  W (O, C / groups, K, K) and b begin uniform in ±1/√(C / groups * K * K).
    """

    ndim = 2
    convolve = staticmethod(F.conv2d)


@pg.hookimpl
def register_layers(register):
    register(Conv2d)
