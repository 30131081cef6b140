"""sparse_: few inputs for each unit."""

from math import ceil

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
    for column in range(tensor.shape[1]):
        tensor[pg.randperm(tensor.shape[0], generator=generator)[:zeros], column] = 0
    return tensor


@pg.hookimpl
def register_initializers(register):
    register(sparse_)
