"""normal_: the bell curve."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """tensor <- N(mean, std²), drawn for each element.  Returns tensor."""
    return tensor.normal_(mean, std, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(normal_)
