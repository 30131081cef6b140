"""ConvTranspose3d: a filter laid down at every place of a volume or a film."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    """The gradient of conv3d's input: see nn.ConvTranspose3d.

    x: (N, C, D, H, W) or (C, D, H, W)   weight: (C, O / groups, KD, KH, KW)   bias: (O,)
    Raises RuntimeError for other shapes.
    """
    what = "conv_transpose3d"
    if nn.check_images(what, input, 3):
        return conv_transpose3d(input.unsqueeze(0), weight, bias, stride, padding, output_padding,
                                groups, dilation).squeeze(0)
    if weight.ndim != 5:
        raise RuntimeError(f"{what}: expected a weight (C, O / groups, KD, KH, KW), got shape "
                           f"{tuple(weight.shape)}")
    _, (S, *stride), (P, *padding), (D, *dilation) = nn.window(what, 1, stride, padding, dilation,
                                                               ndim=3)
    extra, *output_padding = nn.sizes(output_padding, f"{what}: output_padding", 3, least=0)
    N, (K, n) = input.shape[0], (weight.shape[2], input.shape[2])
    depth = (n - 1) * S - 2 * P + D * (K - 1) + extra + 1
    if depth < 1 or extra >= max(S, D):
        raise RuntimeError(f"{what}: expected a depth of at least 1 and an output_padding smaller "
                           f"than stride or dilation, got depth {depth}, output_padding {extra}")
    # K channels of a 2-d convolution for the K slices that a filter lays down at once: fold adds
    # up, along the depth, those that overlap.
    x = input.transpose(1, 2).flatten(0, 1)                           # (N*D, C, H, W)
    y = F.conv_transpose2d(x, weight.flatten(1, 2), None, stride, padding, output_padding, groups,
                           dilation)                                  # (N*D, O*KD, OH, OW)
    size = (y.shape[1] // K, *y.shape[2:])
    if bias is not None and (tuple(bias.shape), bias.dtype) != (size[:1], y.dtype):
        raise RuntimeError(f"{what}: expected bias of shape ({size[0]},) and dtype {y.dtype}, got "
                           f"{tuple(bias.shape)} and {bias.dtype}")
    columns = y.reshape(N, n, size[0], K, *size[1:]).permute(0, 2, 4, 5, 3, 1).flatten(1, 4)
    whole = F.fold(columns, (depth + 2 * P - extra, 1), (K, 1), (D, 1), 0, (S, 1))
    whole = F.pad(whole, (0, 0, 0, extra)) if extra else whole
    y = whole[:, :, P:P + depth, 0].reshape(N, *size, depth).permute(0, 1, 4, 2, 3)
    return y if bias is None else y + bias.reshape(-1, 1, 1, 1)


class ConvTranspose3d(nn.ConvTranspose):
    """y[n, o, S i + D k - P] += W[c, o, k] x[n, c, i] for all c, i, k, then + b[o]

    i, k: (d, h, w)   x: (N, C, D, H, W)   y: (N, O, OD, OH, OW)   OD = (D - 1) stride - 2 padding
    + dilation (K - 1) + output_padding + 1; called with output_size, (OD, OH, OW) is that.  W
    (C, O / groups, K, K, K), b begin uniform in ±1/√(O / groups * K³).
    """

    ndim = 3

    def convolve(self, *args):
        return F.conv_transpose3d(*args)


@pg.hookimpl
def register_layers(register):
    register(ConvTranspose3d, functional=conv_transpose3d)
