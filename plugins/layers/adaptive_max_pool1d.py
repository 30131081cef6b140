"""AdaptiveMaxPool1d: maxima over as many windows as are asked for."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Maxima of output_size windows that cover the sequence: see nn.AdaptiveMaxPool1d."""
    nn.check_images("adaptive_max_pool1d", input, 1)
    n, = nn.sizes(output_size, "adaptive_max_pool1d: output_size", 1, least=0)
    y, places = F.adaptive_max_pool2d(input.unsqueeze(-2), (1, n), True)   # an image of one row
    return (y.squeeze(-2), places.squeeze(-2)) if return_indices else y.squeeze(-2)


class AdaptiveMaxPool1d(nn.Module):
    """y[n, c, i] = max of x[n, c] over window i        x: (N, C, L)   y: (N, C, output_size)

    Window i has the places from floor(i * L / OL) up to ceil((i + 1) * L / OL).  return_indices:
    also where each maximum lies.
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, x):
        return F.adaptive_max_pool1d(x, self.output_size, self.return_indices)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveMaxPool1d, functional=adaptive_max_pool1d)
