"""kaiming_normal_: weights that keep the variance through ReLUs."""

from math import sqrt

import plugrad as pg
from plugrad.nn import init


@init.filling
def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """tensor <- N(0, std²) with std = gain / √fan   (He et al., 2015)

    tensor: (out, in, *kernel).  Returns it.   gain: that of the nonlinearity, a its negative
    slope.   mode: "fan_in" keeps the variance of signals, "fan_out" that of gradients.
    Raises ValueError for another mode, and for fewer than 2 dimensions.
    """
    fan = init.calculate_fan(tensor, mode)
    std = init.calculate_gain(nonlinearity, a) / sqrt(max(fan, 1))
    return tensor.normal_(0.0, std, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(kaiming_normal_)
