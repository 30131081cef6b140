"""uniform_: equally likely everywhere in an interval."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """tensor <- U(a, b), drawn for each element.  Returns tensor."""
    return tensor.uniform_(a, b, generator=generator)


@pg.hookimpl
def register_initializers(register):
    register(uniform_)
