"""zeros_: every element 0."""

import plugrad as pg


def zeros_(tensor):
    """tensor <- 0.  Returns tensor."""
    with pg.no_grad():
        return tensor.zero_()


@pg.hookimpl
def register_initializers(register):
    register(zeros_)
