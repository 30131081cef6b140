"""Sequences of different lengths as one batch: padded to the longest, or packed without padding."""

from operator import index
from typing import NamedTuple

from plugrad.ops.common import operand
from plugrad.ops.create import arange, as_tensor, empty_like, full, tensor
from plugrad.ops.index import argsort, index_select
from plugrad.ops.shape import cat, split, stack
from plugrad.tensor import dtypes
from plugrad.tensor.arguments import instance
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import received

__all__ = ["PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence",
           "pad_packed_sequence", "pad_sequence", "unpack_sequence", "unpad_sequence"]


class PackedSequence(NamedTuple):
    """Sequences without their padding, all first steps, then all second ones, and so on.

    data: (Σ lengths, ...)   batch_sizes: how many sequences have a t-th step, (T,), decreasing.
    The longest sequence comes first: sorted_indices are the places of the sequences in the batch
    that was packed, unsorted_indices lead back; both None if it was sorted.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args, **kwargs):
        """The same with data.to(...)."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def float(self):
        """The same in float32."""
        return self.to(dtypes.float32)

    def double(self):
        """The same in float64."""
        return self.to(dtypes.float64)

    def cpu(self):
        """The same: it is there already."""
        return self


def invert_permutation(permutation):
    """The permutation that undoes this one: inverse[permutation[i]] = i; None of None."""
    if permutation is None:
        return None
    inverse = empty_like(permutation)
    inverse[permutation] = arange(len(permutation))
    return inverse


def listed(sequences, what):
    """Sequences as a list of Tensors.  Raises TypeError for what is no list, tuple or Tensor."""
    if not isinstance(sequences, (list, tuple, Tensor)):
        raise TypeError(f"{what}: expected a list of Tensors, got {received(sequences)}")
    return [as_tensor(x) for x in sequences]


def whole(lengths, what):
    """The lengths as a list of ints.  Raises TypeError for what are none."""
    values = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    try:
        return [index(n) for n in values]
    except TypeError:
        raise TypeError(f"{what}: expected lengths as a list or vector of ints, got "
                        f"{lengths!r}") from None


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """PackedSequence of a padded batch        input: (T, N, ...), with batch_first (N, T, ...)

    lengths: N whole numbers from 1 to T, decreasing unless enforce_sorted is False.
    Raises RuntimeError for others.
    """
    x = operand(input, "pack_padded_sequence")
    if x.ndim < 2:
        raise RuntimeError("pack_padded_sequence: expected at least 2 dimensions, got shape "
                           f"{tuple(x.shape)}")
    x = x.transpose(0, 1) if batch_first else x
    lengths = whole(lengths, "pack_padded_sequence")
    if len(lengths) != x.shape[1]:
        raise RuntimeError(f"pack_padded_sequence: expected len(lengths) to be the batch size "
                           f"{x.shape[1]}, got {len(lengths)}; the batch comes "
                           f"{'first' if batch_first else 'second'} with batch_first={batch_first}")
    if min(lengths, default=1) < 1 or max(lengths, default=0) > len(x):
        raise RuntimeError(f"pack_padded_sequence: expected lengths from 1 to {len(x)}, the steps "
                           f"of input, got {lengths}")
    order = None
    if not enforce_sorted:
        order = argsort(tensor(lengths), descending=True, stable=True)
        x, lengths = index_select(x, 1, order), [lengths[i] for i in order.tolist()]
    elif lengths != sorted(lengths, reverse=True):
        raise RuntimeError(f"pack_padded_sequence: expected lengths in decreasing order, got "
                           f"{lengths}; pass enforce_sorted=False to have them sorted")
    sizes = [sum(n > t for n in lengths) for t in range(max(lengths, default=0))]
    data = cat([x[t, :size] for t, size in enumerate(sizes)])
    return PackedSequence(data, tensor(sizes), order, invert_permutation(order))


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """(padded batch, lengths) of a PackedSequence, pack_padded_sequence's inverse

    Batch: (T, N, ...), with batch_first (N, T, ...); T is the longest length, or total_length.
    Raises ValueError if that is too short.
    """
    sizes = instance(sequence, PackedSequence, "pad_packed_sequence").batch_sizes.tolist()
    steps = len(sizes) if total_length is None else total_length
    if steps < len(sizes):
        raise ValueError(f"pad_packed_sequence: expected total_length of at least {len(sizes)}, "
                         f"the length of the longest sequence, got {total_length}")
    lengths = tensor([sum(n > i for n in sizes) for i in range(sizes[0])])
    places = cat([t * sizes[0] + arange(n) for t, n in enumerate(sizes)])
    rows = full((steps * sizes[0], *sequence.data.shape[1:]), padding_value,
                dtype=sequence.data.dtype)
    rows[places] = sequence.data
    x = rows.reshape(steps, sizes[0], *sequence.data.shape[1:])
    if sequence.unsorted_indices is not None:
        x = index_select(x, 1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices]
    return x.transpose(0, 1) if batch_first else x, lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """A batch of sequences (L, ...), padded to the longest: (T, N, ...), batch first (N, T, ...)

    Raises ValueError for another side than "right" or "left".
    """
    if padding_side not in ("left", "right"):
        raise ValueError("pad_sequence: padding_side must be 'right' or 'left', got "
                         f"{padding_side!r}")
    sequences = listed(sequences, "pad_sequence")
    if not sequences or any(x.ndim == 0 for x in sequences):
        raise RuntimeError("pad_sequence: expected sequences (L, ...), at least one, got shapes "
                           f"{[tuple(x.shape) for x in sequences]}")
    steps = max(map(len, sequences))
    padded = []
    for x in sequences:
        gap = full((steps - len(x), *x.shape[1:]), padding_value, dtype=x.dtype)
        padded.append(cat([x, gap] if padding_side == "right" else [gap, x]))
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The list of sequences in a padded batch, each with its own length."""
    x = operand(padded_sequences, "unpad_sequence")
    x = x if batch_first else x.transpose(0, 1)
    lengths = whole(lengths, "unpad_sequence")
    if len(lengths) != len(x):
        raise RuntimeError(f"unpad_sequence: expected a length for each of {len(x)} sequences, got "
                           f"{len(lengths)}")
    return [row[:int(n)] for row, n in zip(x, lengths, strict=True)]


def pack_sequence(sequences, enforce_sorted=True):
    """PackedSequence of a list of sequences (L, ...), the longest first or enforce_sorted=False."""
    sequences = listed(sequences, "pack_sequence")
    return pack_padded_sequence(pad_sequence(sequences), [len(x) for x in sequences],
                                enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """The list of sequences in a PackedSequence."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


def segments(packed):
    """[(steps, sequences, rows)]: the runs of steps that the same sequences have, and where their
    rows (steps * sequences, ...) lie in the data, one run behind the other."""
    runs, sizes = [], packed.batch_sizes.tolist()
    for n in sizes:
        if runs and runs[-1][1] == n:
            runs[-1][0] += 1
        else:
            runs.append([1, n])
    pieces = split(packed.data, [steps * n for steps, n in runs])
    return [(steps, n, rows) for (steps, n), rows in zip(runs, pieces, strict=True)]
