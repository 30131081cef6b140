"""Datasets: what a collection of samples must provide, and datasets made of others."""

import math
import operator
from bisect import bisect_right
from contextlib import suppress
from itertools import accumulate
from textwrap import shorten

import numpy as np
from plugrad.data.batch import batch_fetch
from plugrad.ops.create import from_numpy, randperm
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import warn

SHOWN = ("dataset", "datasets", "train", "transform", "target_transform", "folder")


class Dataset:
    """Contract: `dataset[i]` gives sample i, `len(dataset)` how many there are.

    A dataset that can fetch a whole batch in one step may also define `__getbatch__(indices)`,
    returning what `default_collate([dataset[i] for i in indices])` returns: DataLoader then
    calls it once a batch.
    """

    def __getitem__(self, index):
        raise NotImplementedError(
            f"{type(self).__name__} must define __getitem__(self, index), giving one sample."
        )

    def __add__(self, other):
        return ConcatDataset([self, other])

    def __repr__(self):
        """Digits(1442 samples, train=True, transform=ToTensor()): what there is of SHOWN."""
        shown = []
        with suppress(Exception):           # a stream has no length, an unfinished object neither
            shown.append(f"{len(self)} samples")
        for name in SHOWN:
            if getattr(self, name, None) is not None:
                shown.append(f"{name}={shorten(repr(getattr(self, name)), 100)}")
        return f"{type(self).__name__}({', '.join(shown)})"


class IterableDataset(Dataset):
    """Contract: `iter(dataset)` gives the samples one after another; for streams.

    A length is optional; without one, `len(loader)` is not known either.
    """

    def __iter__(self):
        raise NotImplementedError(
            f"{type(self).__name__} must define __iter__(self), giving samples one by one."
        )

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Sample i is the tuple (tensors[0][i], tensors[1][i], ...); all of one length."""

    def __init__(self, *tensors):
        if not tensors:
            raise ValueError("TensorDataset: expected at least one tensor, got none.")
        for position, tensor in enumerate(tensors):
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset: expected tensors, argument {position} is "
                    f"{type(tensor).__name__}. Wrap it: plugrad.as_tensor(x)."
                )
        shapes = [tuple(tensor.shape) for tensor in tensors]
        if () in shapes or len({shape[0] for shape in shapes}) > 1:
            raise ValueError(
                "TensorDataset: expected tensors with one size of dimension 0 (the number of "
                f"samples), got shapes {', '.join(map(str, shapes))}."
            )
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __getbatch__(self, indices):
        rows = from_numpy(index_array(indices))              # (N,)
        return [tensor[rows] for tensor in self.tensors]

    def __len__(self):
        return self.tensors[0].shape[0]


class Subset(Dataset):
    """The samples of `dataset` at `indices`, in that order."""

    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)

    @property
    def __getbatch__(self):
        """None where the dataset underneath has to be asked for one sample at a time."""
        fetch = batch_fetch(self.dataset)
        return fetch and (lambda indices: fetch([self.indices[i] for i in indices]))


class ConcatDataset(Dataset):
    """The samples of several datasets, one dataset after another."""

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one dataset, got none.")
        for dataset in self.datasets:
            if isinstance(dataset, IterableDataset):
                raise TypeError(
                    "ConcatDataset: expected datasets with indices, got the IterableDataset "
                    f"{type(dataset).__name__}. Use ChainDataset."
                )
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, index):
        total = len(self)
        if not -total <= index < total:
            raise IndexError(f"ConcatDataset: index {index} is out of range for {total} samples.")
        index %= total
        which = bisect_right(self.cumulative_sizes, index)
        start = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - start]

    def __len__(self):
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset):
    """The samples of several iterable datasets, one dataset after another."""

    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __iter__(self):
        for dataset in self.datasets:
            yield from dataset

    def __len__(self):
        return sum(map(len, self.datasets))


def random_split(dataset, lengths, generator=None):
    """Split at random into Subsets of the given lengths, or fractions that add up to 1.

    A fraction f stands for floor(f * N) samples; what rounding leaves over goes to the first
    subsets, one each.  The permutation comes from `generator`, else from the generator that
    `plugrad.manual_seed` seeds.
    """
    if not hasattr(lengths, "__iter__"):
        raise TypeError("random_split: expected lengths or fractions that sum to 1, such as "
                        f"[0.8, 0.2], got {lengths!r}.")
    total = len(dataset)
    lengths = _whole_lengths(list(lengths), total)
    order = randperm(total, generator=generator).tolist()
    ends = accumulate(lengths)
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths)]


def _whole_lengths(lengths, total):
    """Fractions -> numbers of samples; checks that they add up to `total`."""
    if lengths and math.isclose(sum(lengths), 1):
        if min(lengths) < 0:
            raise ValueError(f"random_split: expected fractions from 0 to 1, got {lengths}.")
        lengths = [math.floor(total * fraction) for fraction in lengths]
        for i in range(total - sum(lengths)):
            lengths[i % len(lengths)] += 1
        if 0 in lengths:
            warn(f"random_split: {total} samples give splits of {lengths}; one is empty.")
    elif any(isinstance(length, float) for length in lengths):
        raise ValueError(
            f"random_split: expected fractions that add up to 1, got {lengths} with sum "
            f"{sum(lengths)}."
        )
    if sum(lengths) != total or min(lengths, default=0) < 0:
        raise ValueError(
            f"random_split: expected lengths that add up to the dataset's {total} samples, got "
            f"{lengths} with sum {sum(lengths)}. Fractions such as [0.8, 0.2] work for any size."
        )
    return lengths


def index_array(indices):
    """Integer-like indices -> array (N,) of int64; anything else is a TypeError."""
    return np.fromiter(map(operator.index, indices), np.int64, len(indices))
