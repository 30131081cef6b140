"""xavier_uniform_: weights that keep the variance both of signals and of gradients."""

from math import sqrt

import plugrad as pg
from plugrad.nn import init


@init.filling
def xavier_uniform_(tensor, gain=1.0, generator=None):
    """tensor <- U(-a, a) with a = gain * √(6 / (fan_in + fan_out))  (Glorot & Bengio, 2010)

    tensor: (out, in, *kernel).  Returns it.   Raises ValueError for fewer than 2 dimensions.
    """
    a = gain * sqrt(6 / max(sum(init.calculate_fan_in_and_fan_out(tensor)), 1))
    return tensor.uniform_(-a, a, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(xavier_uniform_)
