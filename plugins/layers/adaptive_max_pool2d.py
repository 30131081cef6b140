"""AdaptiveMaxPool2d: maxima over as many windows as are asked for."""

import plugrad as pg
import plugrad.plugins.layers._pool as kernels
from plugrad import nn
from plugrad.nn import functional as F


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Maxima of output_size = (OH, OW) windows that cover the image: see nn.AdaptiveMaxPool2d."""
    if nn.check_images("adaptive_max_pool2d", input, 2):
        found = adaptive_max_pool2d(input.unsqueeze(0), output_size, True)
        return tuple(y.squeeze(0) for y in found) if return_indices else found[0].squeeze(0)
    sizes = nn.output_sizes("adaptive_max_pool2d", input, output_size, 2)
    _, places = kernels.adaptive_max_pool2d(input.detach().numpy(), sizes)
    places = pg.from_numpy(places)
    y = input.flatten(2).gather(2, places.flatten(2)).reshape(places.shape)
    return (y, places) if return_indices else y


class AdaptiveMaxPool2d(nn.Module):
    """y[n, c, i, j] = max of x[n, c] over window (i, j)     x: (N, C, H, W)   y: (N, C, OH, OW)

    output_size: OH = OW, or (OH, OW); None keeps the input's.  Window i has the rows from
    floor(i * H / OH) up to ceil((i + 1) * H / OH).  return_indices: also h * W + w of each maximum.
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, x):
        return F.adaptive_max_pool2d(x, self.output_size, self.return_indices)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveMaxPool2d, functional=adaptive_max_pool2d)
