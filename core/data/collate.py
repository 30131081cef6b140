"""From a list of samples to a batch."""

from collections.abc import Mapping, Sequence

import numpy as np
from plugrad.ops.create import as_tensor, from_numpy, tensor
from plugrad.ops.shape import stack
from plugrad.tensor.dtypes import float64
from plugrad.tensor.tensor import Tensor


def default_collate(batch):
    """N samples of one structure -> one batch of that structure.

    tensors, arrays (*)      -> tensor (N, *)
    int, float, bool         -> tensor (N,) of int64, float64, bool
    str, bytes               kept, as a sequence of N
    dict, namedtuple         -> the same type, each field collated
    tuple, list              -> a list, each position collated
    """
    first = batch[0]
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, (Tensor, np.ndarray, np.generic)):
        return _stack(batch)
    if isinstance(first, int):                                      # bool too
        return tensor(batch)
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, Mapping):
        return _same_type(first, {key: default_collate([d[key] for d in batch]) for key in first})
    if isinstance(first, Sequence):
        return _collate_positions(batch)
    raise TypeError(
        f"default_collate cannot batch {type(first).__name__}: expected tensors, arrays, numbers, "
        "strings, or tuples, lists and dicts of these. Let the dataset or its transform return "
        "one of them (ToTensor() for images), or pass DataLoader your own collate_fn."
    )


def default_convert(sample):
    """Arrays in one sample -> tensors; structure and everything else unchanged."""
    if isinstance(sample, (np.ndarray, np.generic)) and _is_numeric(sample):
        return as_tensor(sample)
    if isinstance(sample, Mapping):
        return _same_type(sample, {key: default_convert(value) for key, value in sample.items()})
    if isinstance(sample, (tuple, list)):
        parts = [default_convert(part) for part in sample]
        return type(sample)(*parts) if hasattr(sample, "_fields") else parts
    return sample


def _stack(batch):
    """N tensors, arrays or NumPy numbers (*) -> one tensor (N, *)."""
    try:
        if isinstance(batch[0], Tensor):
            return stack(batch)
        stacked = np.stack(batch)
    except (RuntimeError, ValueError):
        _check_one_shape(batch)
        raise
    if not _is_numeric(stacked):
        raise TypeError(
            f"default_collate cannot make a tensor of dtype {stacked.dtype}: expected numbers or "
            "bool. Encode the samples as numbers, or pass DataLoader your own collate_fn."
        )
    return from_numpy(stacked)


def _check_one_shape(batch):
    shapes = [tuple(np.shape(sample)) for sample in batch]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise RuntimeError(
                f"default_collate stacks samples of one shape: sample 0 of the batch has shape "
                f"{shapes[0]}, sample {i} has {shape}. Bring them to one size in a transform, or "
                "pass DataLoader a collate_fn that pads."
            )


def _collate_positions(batch):
    """N sequences of length L -> L batches, as a list (a namedtuple stays one)."""
    lengths = sorted({len(sample) for sample in batch})
    if len(lengths) > 1:
        raise RuntimeError(
            "default_collate expects the samples of a batch to have the same number of parts, "
            f"found {lengths}. Pad them, or pass DataLoader your own collate_fn."
        )
    parts = [default_collate(part) for part in zip(*batch)]
    return type(batch[0])(*parts) if hasattr(batch[0], "_fields") else parts


def _same_type(like, items):
    """`items` as a mapping of the type of `like`, or a plain dict if that type cannot be filled."""
    try:
        return type(like)(items)
    except TypeError:
        return items


def _is_numeric(array):
    return array.dtype.kind in "biuf"
