"""ones_: every element 1."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def ones_(tensor):
    """tensor <- 1.  Returns tensor."""
    return tensor.fill_(1)


@pg.hookimpl
def register_initializers(register):
    register(ones_)
