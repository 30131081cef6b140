"""sparse_: few inputs for each unit."""

from math import ceil

import numpy as np
import plugrad as pg
from plugrad.nn import init


@init.filling
def sparse_(tensor, sparsity, std=0.01, generator=None):
    """tensor <- N(0, std²), but 0 for ceil(sparsity * m) elements of each column, drawn anew.

    tensor: (m, n); returned.   Raises ValueError for other dimensions.   (Martens, 2010)
    """
    if tensor.ndim != 2:
        raise ValueError(f"sparse_: expected a tensor of 2 dimensions, got shape "
                         f"{tuple(tensor.shape)}")
    zeros = ceil(sparsity * tensor.shape[0])
    tensor.normal_(0, std, generator=generator)
    # The order of random numbers is a random order.
    order = pg.empty(*tensor.shape).uniform_(generator=generator).numpy().argsort(axis=0)
    kept = np.ones(tuple(tensor.shape), bool)
    np.put_along_axis(kept, order[:zeros], False, axis=0)
    return tensor.mul_(pg.from_numpy(kept).to(tensor.dtype))


@pg.hookimpl
def register_initializers(register):
    register(sparse_)
