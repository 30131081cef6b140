"""LPPool2d: the p-norm of each window."""

import plugrad as pg
from plugrad import nn


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window: see nn.LPPool2d."""
    return nn.lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


class LPPool2d(nn.LPPool):
    """y = (Σ x[n, c] ** p over each window) ** (1 / p)        x: (N, C, H, W)

    p = norm_type: 1 is the sum, a large p nearly the maximum.  OH = (H - K) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  (Gulcehre et al., 2014)
    """

    axes = 2

    @classmethod
    def example(cls):
        return cls(2, 2), (pg.rand(2, 3, 5, 6),)


@pg.hookimpl
def register_layers(register):
    register(LPPool2d, functional=lp_pool2d)
