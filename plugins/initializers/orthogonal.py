"""orthogonal_: weights that turn, and keep lengths."""

import numpy as np
import plugrad as pg
from plugrad.nn import init


@init.filling
def orthogonal_(tensor, gain=1, generator=None):
    """tensor <- gain * Q, its rows or its columns, whichever are fewer, orthonormal.

    tensor: (rows, *), taken as a matrix; returned.   Raises ValueError for fewer than 2
    dimensions.   (Saxe et al., 2013)
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: expected at least 2 dimensions, got shape "
                         f"{tuple(tensor.shape)}")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    drawn = pg.empty(rows, columns, dtype=tensor.dtype).normal_(generator=generator).numpy()
    q, r = np.linalg.qr(drawn if rows >= columns else drawn.T)
    q = q * np.sign(np.diag(r))                 # else not every Q would be equally likely
    q = q if rows >= columns else q.T
    return tensor.copy_(pg.from_numpy(gain * q.reshape(tuple(tensor.shape))))


@pg.hookimpl
def register_initializers(register):
    register(orthogonal_)
