"""LPPool2d: the p-norm of each window."""

from math import prod

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window: see nn.LPPool2d."""
    mean = F.avg_pool2d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    count = prod(nn.sizes(kernel_size, "lp_pool2d: kernel_size", 2))
    total = mean * count
    zero = total == 0                           # where the root is steep, PyTorch's gradient is 0
    return (total.masked_fill(zero, 1) ** (1 / norm_type)).masked_fill(zero, 0)


class LPPool2d(nn.Module):
    """y = (Σ x[n, c] ** p over each window) ** (1 / p)        x: (N, C, H, W)

    p = norm_type: 1 is the sum, a large p nearly the maximum.  OH = (H - K) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  (Gulcehre et al., 2014)
    """

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    @classmethod
    def example(cls):
        return cls(2, 2), (pg.rand(2, 3, 5, 6),)

    def forward(self, x):
        return F.lp_pool2d(x, float(self.norm_type), self.kernel_size, self.stride,
                          self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
                f"stride={self.stride}, ceil_mode={self.ceil_mode}")


@pg.hookimpl
def register_layers(register):
    register(LPPool2d, functional=lp_pool2d)
