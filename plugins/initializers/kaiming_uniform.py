"""kaiming_uniform_: weights that keep the variance through ReLUs."""

from math import sqrt

import plugrad as pg
from plugrad.nn import init


@init.filling
def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """tensor <- U(-b, b) with b = gain * √(3 / fan)   (He et al., 2015)

    tensor: (out, in, *kernel).  Returns it.   gain: that of the nonlinearity, a its negative
    slope.   mode: "fan_in" keeps the variance of signals, "fan_out" that of gradients.
    Raises ValueError for another mode, and for fewer than 2 dimensions.
    """
    fan = init.calculate_fan(tensor, mode)
    b = init.calculate_gain(nonlinearity, a) * sqrt(3 / max(fan, 1))
    return tensor.uniform_(-b, b, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(kaiming_uniform_)
