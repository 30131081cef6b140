"""eye_: the identity."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def eye_(tensor):
    """tensor <- 1 on the diagonal, 0 elsewhere.  Returns tensor, (m, n), else ValueError."""
    if tensor.ndim != 2:
        raise ValueError(f"eye_: expected a tensor of 2 dimensions, got shape "
                         f"{tuple(tensor.shape)}")
    return tensor.copy_(pg.eye(*tensor.shape, dtype=tensor.dtype))


@pg.hookimpl
def register_initializers(register):
    register(eye_)
