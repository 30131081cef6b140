"""AvgPool1d: the mean of each window."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window: see nn.AvgPool1d.

    Raises RuntimeError if the kernel does not fit, or for padding above half a kernel.
    """
    nn.check_images("avg_pool1d", input, 1)
    (K,), (S,), (P,), _ = nn.window("avg_pool1d", kernel_size, stride, padding, ndim=1)
    return F.avg_pool2d(input.unsqueeze(-2), (1, K), (1, S), (0, P), ceil_mode,
                        count_include_pad).squeeze(-2)                     # an image of one row


class AvgPool1d(nn.Module):
    """y[n, c, i] = mean of x[n, c] over window i        x: (N, C, L)   y: (N, C, OL)

    OL = (L + 2 * padding - K) // stride + 1, with ceil_mode rounded up; the stride is the kernel's
    size if not given.  The sum is divided by the window's size, with the padding in it unless
    count_include_pad is False.
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False,
                 count_include_pad=True):
        super().__init__()
        self.kernel_size, self.stride, self.padding, _ = nn.window(
            "AvgPool1d", kernel_size, stride, padding, ndim=1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, x):
        return F.avg_pool1d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                            self.count_include_pad)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(AvgPool1d, functional=avg_pool1d)
