"""Finding: places in a sorted sequence, members of a set, repetitions."""

import numpy as np
import plugrad as pg
from plugrad.ops import axis_of, operand


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """For each element the number i of its bucket: boundaries[i-1] < x <= boundaries[i]

    boundaries: an ascending vector.   right=True: boundaries[i-1] <= x < boundaries[i].
    """
    boundaries = operand(boundaries, "bucketize")
    if boundaries.ndim != 1:
        raise RuntimeError("bucketize: expected boundaries as a vector, got shape "
                           f"{tuple(boundaries.shape)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None):
    """Where to insert each element so that the sequence (..., n) stays ascending

    input: (..., m), or of any shape for a vector as sequence.   right (or side="right"): after
    equal elements, else before them.   sorter: what argsort says of a sequence that is not sorted.
    """
    sorted_sequence = operand(sorted_sequence, "searchsorted")
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"searchsorted: expected side 'left' or 'right', and not right=True "
                           f"beside 'left', got {side!r} and right={right}")
    if sorter is not None:
        sorted_sequence = pg.gather(sorted_sequence, -1, sorter)
    sequence = sorted_sequence.numpy(force=True)
    wanted = input.numpy(force=True) if isinstance(input, pg.Tensor) else np.asarray(input)
    side = "right" if right else side or "left"
    if sequence.ndim == 1:
        found = np.searchsorted(sequence, wanted, side)
    else:
        if sequence.shape[:-1] != wanted.shape[:-1]:
            raise RuntimeError("searchsorted: expected a vector, or sizes that agree but for the "
                               f"last, got shapes {sequence.shape} and {wanted.shape}")
        found = np.empty(wanted.shape, np.int64)
        for row in np.ndindex(*wanted.shape[:-1]):
            found[row] = np.searchsorted(sequence[row], wanted[row], side)
    return pg.from_numpy(np.asarray(found, np.int32 if out_int32 else np.int64))


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each element is (invert: is not) among the test_elements; either may be a number."""
    first, second = (x.numpy(force=True) if isinstance(x, pg.Tensor) else x
                     for x in (elements, test_elements))
    return pg.from_numpy(np.asarray(np.isin(first, second, invert=invert)))


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """Without what repeats the element (slice along `dim`) before it  (values, inverse, counts)

    values[inverse] is input; counts: how often each stands in a row.
    """
    input = operand(input, "unique_consecutive")
    values = input.reshape(-1) if dim is None else input
    axis = 0 if dim is None else axis_of(dim, input.ndim, "unique_consecutive")
    lines = np.moveaxis(values.numpy(force=True), axis, 0)
    fresh = np.ones(len(lines), bool)
    fresh[1:] = (lines[1:] != lines[:-1]).any(tuple(range(1, lines.ndim)))
    start = np.flatnonzero(fresh)
    asked = [pg.index_select(values, axis, pg.from_numpy(start))]
    if return_inverse:
        inverse = pg.from_numpy(np.cumsum(fresh) - 1)
        asked.append(inverse.reshape(tuple(input.shape)) if dim is None else inverse)
    if return_counts:
        asked.append(pg.from_numpy(np.diff(start, append=len(lines))))
    return asked[0] if len(asked) == 1 else tuple(asked)


@pg.hookimpl
def register_ops(register):
    register(bucketize, searchsorted, isin, method=False)
    register(unique_consecutive)
