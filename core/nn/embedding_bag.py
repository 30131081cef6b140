"""Sums, means and maxima of rows of a table, bag by bag."""

import math
from itertools import pairwise

from plugrad.nn.embedding import check_lookup, embedding, row_of, row_outside
from plugrad.ops.arithmetic import where
from plugrad.ops.create import arange, ones_like, tensor, zeros
from plugrad.tensor.arguments import choice
from plugrad.tensor.dtypes import int32, int64

MODES = ("sum", "mean", "max")


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False,
                  mode="mean", sparse=False, per_sample_weights=None, include_last_offset=False,
                  padding_idx=None):
    """y[i] = the sum, mean or max of weight[j] over the numbers j in bag i; 0 for an empty bag

    input: (B, L), or (n,) with offsets (B,), where each bag begins (include_last_offset: and the
    last one ends).   weight: (V, D)   y: (B, D)   per_sample_weights: like input, factors in a sum.
    padding_idx: this number does not count.   See F.embedding for the other options.
    """
    choice(mode, "embedding_bag: mode", MODES)
    V = check_lookup("embedding_bag", input, weight, sparse)
    outside = row_outside(input, V)
    if outside is not None:
        raise RuntimeError(f"embedding_bag: index {outside} is out of range for a weight of {V} "
                           "rows")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("embedding_bag: mode 'max' does not support scale_grad_by_freq")
    check_factors(per_sample_weights, input, weight, mode)
    bag, B = bags(input, offsets, include_last_offset)
    at = input.reshape(-1)[:len(bag)]
    rows = embedding(at, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1)[:len(bag)].unsqueeze(-1)
    if padding_idx is not None:
        kept = at != row_of(padding_idx, V, "embedding_bag: padding_idx")
        rows, bag = rows[kept], bag[kept]
    if mode == "max" and len(bag):
        return largest(rows, bag, B)
    y = rows.new_zeros(B, weight.shape[1]).index_add(0, bag, rows)
    return y / sizes(bag, B).clamp(min=1).unsqueeze(-1).to(y.dtype) if mode == "mean" else y


def check_factors(factors, input, weight, mode):
    if factors is None:
        return
    if mode != "sum":
        raise NotImplementedError("embedding_bag: per_sample_weights go with mode 'sum' only, got "
                                  f"mode {mode!r}")
    if factors.shape != input.shape:
        raise ValueError(f"embedding_bag: expected per_sample_weights of shape "
                         f"{tuple(input.shape)}, as input, got {tuple(factors.shape)}")
    if factors.dtype is not weight.dtype:
        raise RuntimeError(f"embedding_bag: expected per_sample_weights of dtype {weight.dtype}, "
                           f"as weight, got {factors.dtype}")


def bags(input, offsets, include_last_offset):
    """For each number the bag that it is in, and how many bags there are."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("embedding_bag: expected no offsets for a 2D input, whose rows are "
                             f"the bags, got {type(offsets).__name__}")
        B, L = input.shape
        return arange(B).repeat_interleave(L), B
    if input.ndim != 1:
        raise ValueError("embedding_bag: expected input (n,) or (B, L), got shape "
                         f"{tuple(input.shape)}")
    if offsets is None or offsets.ndim != 1:
        got = None if offsets is None else f"shape {tuple(offsets.shape)}"
        raise ValueError(f"embedding_bag: expected 1D offsets for a 1D input, got {got}")
    if offsets.dtype not in (int64, int32):
        raise RuntimeError("embedding_bag: expected offsets of dtype int64 or int32, got "
                           f"{offsets.dtype}; convert them with .long()")
    begins = offsets.tolist()
    if include_last_offset and not begins:
        raise RuntimeError("embedding_bag: include_last_offset needs at least 1 offset, got none")
    ends = begins if include_last_offset else [*begins, len(input) if begins else 0]
    if ends[0] != 0 or ends[-1] > len(input) or ends != sorted(ends):
        raise RuntimeError("embedding_bag: expected offsets that begin with 0 and rise to at most "
                           f"{len(input)}, the length of input, got {begins}")
    lengths = [end - begin for begin, end in pairwise(ends)]
    B = len(lengths)
    return arange(B).repeat_interleave(tensor(lengths, dtype=int64)), B


def sizes(bag, B):
    """(B,): how many numbers each bag holds."""
    return zeros(B, dtype=int64).index_add(0, bag, ones_like(bag))


def largest(rows, bag, B):
    """The largest of each bag, column by column: bags are filled up with -∞ to one length."""
    size = sizes(bag, B)
    place = arange(size.max().item())
    there = place < size.unsqueeze(1)                                            # (B, L)
    at = where(there, (size.cumsum(0) - size).unsqueeze(1) + place, 0)
    y = rows[at].masked_fill(~there.unsqueeze(-1), -math.inf).max(1).values
    return y.masked_fill((size == 0).unsqueeze(-1), 0.0)
