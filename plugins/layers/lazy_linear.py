"""LazyLinear: Linear of as many features as its first input has."""

import plugrad as pg
from plugrad import nn


class LazyLinear(nn.Lazy, nn.Linear):
    """Linear whose in_features is that of the first input; options are the others

    x: (..., in_features)   y: (..., out_features)
    """

    plain, size, axis = nn.Linear, "in_features", -1


@pg.hookimpl
def register_layers(register):
    register(LazyLinear)
