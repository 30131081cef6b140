"""constant_: every element the same."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def constant_(tensor, val):
    """tensor <- val.  Returns tensor."""
    return tensor.fill_(val)


@pg.hookimpl
def register_initializers(register):
    register(constant_)
