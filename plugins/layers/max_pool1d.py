"""MaxPool1d: the largest number of each window."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
               return_indices=False):
    """The largest number of each window: see nn.MaxPool1d; with return_indices, and its place.

    Raises RuntimeError if the kernel does not fit, or for padding above half a kernel.
    """
    nn.check_images("max_pool1d", input, 1)
    (K,), (S,), (P,), (D,) = nn.window("max_pool1d", kernel_size, stride, padding, dilation, ndim=1)
    found = F.max_pool2d(input.unsqueeze(-2), (1, K), (1, S), (0, P), (1, D), ceil_mode,
                         return_indices)                                   # an image of one row
    return tuple(y.squeeze(-2) for y in found) if return_indices else found.squeeze(-2)


class MaxPool1d(nn.Module):
    """y[n, c, i] = max of x[n, c] over window i        x: (N, C, L)   y: (N, C, OL)

    OL = (L + 2 * padding - dilation * (K - 1) - 1) // stride + 1, with ceil_mode rounded up; the
    stride is the kernel's size if not given.  return_indices: also where each maximum lies.
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False,
                 ceil_mode=False):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x):
        return F.max_pool1d(x, self.kernel_size, self.stride, self.padding, self.dilation,
                            self.ceil_mode, self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")


@pg.hookimpl
def register_layers(register):
    register(MaxPool1d, functional=max_pool1d)
