"""zeros_: every element 0."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def zeros_(tensor):
    """tensor <- 0.  Returns tensor."""
    return tensor.zero_()


@pg.hookimpl
def register_initializers(register):
    register(zeros_)
