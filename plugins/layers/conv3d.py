"""Conv3d: the same small weighted sum at every place of a volume or a film."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of a volume with each filter: see nn.Conv3d.

    x: (N, C, D, H, W) or (C, D, H, W)   weight: (O, C / groups, KD, KH, KW)   bias: (O,)
    padding: numbers, "valid" or "same".   Raises RuntimeError for other shapes.
    """
    if nn.check_images("conv3d", input, 3):
        return conv3d(input.unsqueeze(0), weight, bias, stride, padding, dilation,
                      groups).squeeze(0)
    if weight.ndim != 5 or input.shape[1] != weight.shape[1] * groups:
        raise RuntimeError(f"conv3d: expected input (N, C, D, H, W) and a weight (O, C / {groups}, "
                           f"KD, KH, KW), got {tuple(input.shape)} and {tuple(weight.shape)}")
    word, K = isinstance(padding, str), weight.shape[2]
    _, (S, *stride), (P, *sides), (D, *dilation) = nn.window(
        "conv3d", 1, stride, 0 if word else padding, dilation, ndim=3)
    after = P
    if padding == "same":
        P, after = D * (K - 1) // 2, D * (K - 1) - D * (K - 1) // 2
        if S > 1:
            raise ValueError(f"conv3d: padding 'same' needs stride 1, got {S}")
    x = F.pad(input, (0, 0, 0, 0, P, after)) if P or after else input
    n = (x.shape[2] - D * (K - 1) - 1) // S + 1
    if n < 1:
        raise RuntimeError(f"conv3d: a kernel of depth {K} with dilation {D} does not fit into "
                           f"{x.shape[2]}, padding included")
    # The K slices that a filter sees at once are to a 2-d convolution as many channels more.
    slices = pg.stack([x[:, :, D * k:D * k + S * (n - 1) + 1:S] for k in range(K)], 2)
    x = slices.permute(0, 3, 1, 2, 4, 5).flatten(2, 3).flatten(0, 1)      # (N*OD, C*KD, H, W)
    y = F.conv2d(x, weight.flatten(1, 2), bias, stride, padding if word else sides, dilation,
                 groups)
    return y.reshape(len(input), n, *y.shape[1:]).transpose(1, 2)


class Conv3d(nn.Conv):
    """y[n, o] = Σ_c W[o, c] ⋆ x[n, c] + b[o]        x: (N, C, D, H, W)   y: (N, O, OD, OH, OW)

    OD = (D + 2 * padding - dilation * (K - 1) - 1) // stride + 1.  padding: numbers, "valid" (0)
    or "same" (OD = D).  W (O, C / groups, K, K, K) and b begin uniform in ±1/√(C / groups * K³).
    """

    ndim = 3

    def convolve(self, *args):
        return F.conv3d(*args)


@pg.hookimpl
def register_layers(register):
    register(Conv3d, functional=conv3d)
