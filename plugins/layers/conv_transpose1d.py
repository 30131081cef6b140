"""ConvTranspose1d: a filter laid down at every place of a sequence."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    """The gradient of conv1d's input: see nn.ConvTranspose1d.

    x: (N, C, L) or (C, L)   weight: (C, O / groups, K)   bias: (O,)   y: (N, O, OL)
    Raises RuntimeError for other shapes.
    """
    nn.check_images("conv_transpose1d", input, 1)
    if weight.ndim != 3:
        raise RuntimeError("conv_transpose1d: expected a weight (C, O / groups, K), got shape "
                           f"{tuple(weight.shape)}")
    _, (stride,), (padding,), (dilation,) = nn.window("conv_transpose1d", 1, stride, padding,
                                                      dilation, ndim=1)
    extra, = nn.sizes(output_padding, "conv_transpose1d: output_padding", 1, least=0)
    # An image of one row.
    return F.conv_transpose2d(input.unsqueeze(-2), weight.unsqueeze(-2), bias, (1, stride),
                              (0, padding), (0, extra), groups, (1, dilation)).squeeze(-2)


class ConvTranspose1d(nn.ConvTranspose):
    """y[n, o, S i + D k - P] += W[c, o, k] x[n, c, i] for all c, i, k     y: (N, O, OL), plus b[o]

    x: (N, C, L)   OL = (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1; called
    with output_size, OL is that.  W (C, O / groups, K) and b begin uniform in ±1/√(O / groups * K).
    """

    ndim = 1

    def convolve(self, *args):
        return F.conv_transpose1d(*args)


@pg.hookimpl
def register_layers(register):
    register(ConvTranspose1d, functional=conv_transpose1d)
