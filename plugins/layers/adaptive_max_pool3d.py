"""AdaptiveMaxPool3d: maxima over as many windows of a volume as are asked for."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Maxima of output_size = (OD, OH, OW) windows that cover the volume: see the layer."""
    if nn.check_images("adaptive_max_pool3d", input, 3):
        found = adaptive_max_pool3d(input.unsqueeze(0), output_size, True)
        return tuple(y.squeeze(0) for y in found) if return_indices else found[0].squeeze(0)
    depth, *size = nn.output_sizes("adaptive_max_pool3d", input, output_size, 3)
    # The maximum of each slice first, then of the slices: depth is a column, a slice a row of it.
    y, within = F.adaptive_max_pool2d(input.flatten(0, 1), size, True)           # (N*C, D, OH, OW)
    y, at = F.adaptive_max_pool2d(y.flatten(2).unsqueeze(1), (depth, None), True)
    at = at.squeeze(1) // max(size[0] * size[1], 1)                              # the slice
    places = within.flatten(2).gather(1, at) + at * (input.shape[3] * input.shape[4])
    y, places = (part.reshape(*input.shape[:2], depth, *size) for part in (y, places))
    return (y, places) if return_indices else y


class AdaptiveMaxPool3d(nn.Module):
    """y[n, c, i, j, k] = max of x[n, c] over window (i, j, k)   x: (N, C, D, H, W)

    output_size: OD = OH = OW, or (OD, OH, OW); None keeps the input's.  Windows cover the volume
    evenly.  return_indices: also (d * H + h) * W + w of each maximum.
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, x):
        return F.adaptive_max_pool3d(x, self.output_size, self.return_indices)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveMaxPool3d, functional=adaptive_max_pool3d)
