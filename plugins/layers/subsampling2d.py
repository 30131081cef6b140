"""Subsampling2d: pooling that learns how much each channel counts, as in LeNet-5."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Subsampling2d(nn.Module):
    """y[n, c, i, j] = w[c] * Σ x[n, c] over window (i, j) + b[c]        x: (N, C, H, W)

    y: (N, C, OH, OW)   OH = (H - K) // stride + 1; the stride is the kernel's size if not given.
    w and b (C,) begin uniform in ±1/K, K * K pixels being what a window sums up; the layers S2 and
    S4 of LeNet-5 have kernel_size=2 and are followed by a Sigmoid or Tanh.  (LeCun et al., 1998)
    """

    def __init__(self, channels, kernel_size=2, stride=None, device=None, dtype=None):
        super().__init__()
        self.channels = nn.integer(channels, "Subsampling2d: channels", least=1)
        self.kernel_size, self.stride, _, _ = nn.window("Subsampling2d", kernel_size, stride)
        for name in ("weight", "bias"):
            p = nn.Parameter(pg.empty((self.channels,), device=device, dtype=dtype))
            self.register_parameter(name, p)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = (self.kernel_size[0] * self.kernel_size[1]) ** -0.5
        with pg.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound)

    def forward(self, x):
        error = nn.misfit("Subsampling2d", x, self.channels)
        if error is not None:
            raise error
        sums = F.avg_pool2d(x, self.kernel_size, self.stride, divisor_override=1)
        return sums * self.weight.reshape(-1, 1, 1) + self.bias.reshape(-1, 1, 1)

    def extra_repr(self):
        return f"{self.channels}, kernel_size={self.kernel_size}, stride={self.stride}"


@pg.hookimpl
def register_layers(register):
    register(Subsampling2d)
