"""ConvTranspose2d: a filter laid down at every place of an image."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class ConvTranspose2d(nn.ConvTranspose):
    """y[n, o, S i + D k - P] += W[c, o, k] x[n, c, i] for all c, i, k, then + b[o]

    i, k: (h, w)   x: (N, C, H, W)   y: (N, O, OH, OW)   OH = (H - 1) stride - 2 padding
    + dilation (K - 1) + output_padding + 1; called with output_size, (OH, OW) is that.  W
    (C, O / groups, K, K), b begin uniform in ±1/√(O / groups * K * K).   (Zeiler et al., 2010)
    """

    ndim = 2
    convolve = staticmethod(F.conv_transpose2d)


@pg.hookimpl
def register_layers(register):
    register(ConvTranspose2d)
