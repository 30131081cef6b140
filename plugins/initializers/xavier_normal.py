"""xavier_normal_: weights that keep the variance both of signals and of gradients."""

from math import sqrt

import plugrad as pg
from plugrad.nn import init


@init.filling
def xavier_normal_(tensor, gain=1.0, generator=None):
    """tensor <- N(0, std²) with std = gain * √(2 / (fan_in + fan_out))  (Glorot & Bengio, 2010)

    tensor: (out, in, *kernel).  Returns it.   Raises ValueError for fewer than 2 dimensions.
    """
    std = gain * sqrt(2 / max(sum(init.calculate_fan_in_and_fan_out(tensor)), 1))
    return tensor.normal_(0.0, std, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(xavier_normal_)
