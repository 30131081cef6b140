"""Distances between vectors."""

import numpy as np
from plugrad.ops.create import from_numpy


def pdist(input, p=2):
    """The distances (Σ |input[i] - input[j]| ** p) ** (1 / p) of all pairs of rows i < j

    input: (N, D)   result: (N * (N - 1) / 2,)   p: from 0 (how many differ) to inf (the largest).
    Raises RuntimeError for other dimensions, and for p below 0.
    """
    if input.ndim != 2 or not p >= 0:
        raise RuntimeError("pdist: expected a matrix and p of at least 0, got shape "
                           f"{tuple(input.shape)} and {p}")
    i, j = map(from_numpy, np.triu_indices(len(input), 1))
    return (input[i] - input[j]).norm(p, -1)
