"""LPPool1d: the p-norm of each window."""

import plugrad as pg
from plugrad import nn


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window: see nn.LPPool1d."""
    return nn.lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


class LPPool1d(nn.LPPool):
    """y = (Σ x[n, c] ** p over each window) ** (1 / p)        x: (N, C, L)   y: (N, C, OL)

    p = norm_type: 1 is the sum, a large p nearly the maximum.  OL = (L - K) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  (Gulcehre et al., 2014)
    """

    axes = 1

    @classmethod
    def example(cls):
        return cls(2, 2), (pg.rand(2, 3, 6),)


@pg.hookimpl
def register_layers(register):
    register(LPPool1d, functional=lp_pool1d)
