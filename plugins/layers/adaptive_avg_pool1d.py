"""AdaptiveAvgPool1d: means over as many windows as are asked for."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def adaptive_avg_pool1d(input, output_size):
    """Means over output_size windows that cover the sequence: see nn.AdaptiveAvgPool1d."""
    nn.check_images("adaptive_avg_pool1d", input, 1)
    n, = nn.sizes(output_size, "adaptive_avg_pool1d: output_size", 1, least=0)
    return F.adaptive_avg_pool2d(input.unsqueeze(-2), (1, n)).squeeze(-2)  # an image of one row


class AdaptiveAvgPool1d(nn.Module):
    """y[n, c, i] = mean of x[n, c] over window i        x: (N, C, L)   y: (N, C, output_size)

    Window i has the places from floor(i * L / OL) up to ceil((i + 1) * L / OL).
    """

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, x):
        return F.adaptive_avg_pool1d(x, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


@pg.hookimpl
def register_layers(register):
    register(AdaptiveAvgPool1d, functional=adaptive_avg_pool1d)
