"""LPPool3d: the p-norm of each window."""

import plugrad as pg
from plugrad import nn


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window: see nn.LPPool3d."""
    return nn.lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


class LPPool3d(nn.LPPool):
    """y = (Σ x[n, c] ** p over each window) ** (1 / p)        x: (N, C, D, H, W)

    p = norm_type: 1 is the sum, a large p nearly the maximum.  OD = (D - K) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  (Gulcehre et al., 2014)
    """

    axes = 3

    @classmethod
    def example(cls):
        return cls(2, 2), (pg.rand(2, 3, 4, 5, 4),)


@pg.hookimpl
def register_layers(register):
    register(LPPool3d, functional=lp_pool3d)
