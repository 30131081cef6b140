"""trunc_normal_: a bell curve without its tails."""

from math import erf, sqrt
from warnings import warn

import numpy as np
import plugrad as pg
from plugrad.nn import init


@init.filling
def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """tensor <- N(mean, std²), drawn again for each element outside of [a, b].  Returns tensor.

    Warns if the mean is more than 2 std away from [a, b].
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warn("trunc_normal_: the mean is more than 2 std away from [a, b]", stacklevel=2)
    # Where few normal numbers fall into [a, b], uniform ones are kept as often as the bell
    # curve is high there, compared with its top.
    is_wide = below((b - mean) / std) - below((a - mean) / std) > 0.3
    top = (max(a, min(mean, b)) - mean) / std
    drawn, wrong = pg.empty_like(tensor), np.ones(tuple(tensor.shape), bool)
    while wrong.any():
        new = pg.empty_like(tensor)
        if is_wide:
            new = new.normal_(mean, std, generator=generator).numpy()
            out = (new < a) | (new > b)
        else:
            new = new.uniform_(a, b, generator=generator).numpy()
            height = np.exp((top ** 2 - ((new - mean) / std) ** 2) / 2)
            out = pg.empty_like(tensor).uniform_(generator=generator).numpy() > height
        drawn.numpy()[wrong & ~out] = new[wrong & ~out]
        wrong &= out                        # a NaN is never out: it would be drawn forever
    return tensor.copy_(drawn)


def below(z):
    """The share of a standard normal distribution below z."""
    return (1 + erf(z / sqrt(2))) / 2


@pg.hookimpl
def register_initializers(register):
    register(trunc_normal_)
