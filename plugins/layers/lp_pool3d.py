"""LPPool3d: the p-norm of each window."""

from math import prod

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window: see nn.LPPool3d."""
    mean = F.avg_pool3d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    count = prod(nn.sizes(kernel_size, "lp_pool3d: kernel_size", 3))
    total = mean * count
    zero = total == 0                           # where the root is steep, PyTorch's gradient is 0
    return (total.masked_fill(zero, 1) ** (1 / norm_type)).masked_fill(zero, 0)


class LPPool3d(nn.Module):
    """y = (Σ x[n, c] ** p over each window) ** (1 / p)        x: (N, C, D, H, W)

    p = norm_type: 1 is the sum, a large p nearly the maximum.  OD = (D - K) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  (Gulcehre et al., 2014)
    """

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    @classmethod
    def example(cls):
        return cls(2, 2), (pg.rand(2, 3, 4, 5, 4),)

    def forward(self, x):
        return F.lp_pool3d(x, float(self.norm_type), self.kernel_size, self.stride,
                          self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
                f"stride={self.stride}, ceil_mode={self.ceil_mode}")


@pg.hookimpl
def register_layers(register):
    register(LPPool3d, functional=lp_pool3d)
