"""Samplers: in which order, and in which groups, the samples of a dataset are visited."""

from itertools import islice

from plugrad.ops.create import as_tensor, multinomial, randint, randperm
from plugrad.tensor.dtypes import float64
from plugrad.tensor.random import Generator, integers

AT_ONCE = 32            # indices drawn together, with replacement


def drawn_seed(generator=None):
    """A seed, drawn from the generator, else from the one that `plugrad.manual_seed` seeds."""
    return integers(generator, (), 0, 2 ** 63).item()


class Sampler:
    """Base class: `__iter__` gives the indices of one epoch; `__len__`, if known, how many."""

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__, giving indices.")


class SequentialSampler(Sampler):
    """0, 1, ..., N-1."""

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    """A new random order each epoch; with `replacement`, each index drawn uniformly.

    `num_samples` (default N) indices an epoch.  Draws come from `generator`, else from a new one
    each epoch, whose seed the generator draws that `plugrad.manual_seed` seeds.
    """

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        _check_bool("RandomSampler: replacement", replacement)
        if num_samples is not None:
            check_count("RandomSampler: num_samples", num_samples)
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator

    @property
    def num_samples(self):
        """Indices an epoch; follows the dataset's length where not given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self):
        n, wanted = len(self.data_source), self.num_samples
        if wanted == 0:
            return
        if n == 0:
            raise ValueError("RandomSampler: cannot draw samples from an empty dataset.")
        generator = self.generator or Generator().manual_seed(drawn_seed())
        if self.replacement:
            for start in range(0, wanted, AT_ONCE):
                some = min(AT_ONCE, wanted - start)
                yield from randint(n, (some,), generator=generator).tolist()
            return
        for _ in range(wanted // n):
            yield from randperm(n, generator=generator).tolist()
        yield from randperm(n, generator=generator).tolist()[:wanted % n]

    def __len__(self):
        return self.num_samples


class WeightedRandomSampler(Sampler):
    """`num_samples` indices from 0..N-1, index i drawn in proportion to weights[i].

    Without `replacement`, no index is drawn twice in an epoch.
    """

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        check_count("WeightedRandomSampler: num_samples", num_samples)
        _check_bool("WeightedRandomSampler: replacement", replacement)
        self.weights = as_tensor(weights, dtype=float64)          # (N,)
        if self.weights.ndim != 1:
            raise ValueError(
                "WeightedRandomSampler: expected one weight a sample, that is one dimension; got "
                f"weights of shape {tuple(self.weights.shape)}."
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self):
        draw = multinomial(self.weights, self.num_samples, self.replacement,
                              generator=self.generator)
        return iter(draw.tolist())

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices, in a new random order each epoch."""

    def __init__(self, indices, generator=None):
        self.indices = indices
        self.generator = generator

    def __iter__(self):
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self):
        return len(self.indices)


class BatchSampler(Sampler):
    """Groups a sampler's indices into lists of `batch_size`; the last may be shorter.

    With `drop_last`, a shorter last batch is left out.
    """

    def __init__(self, sampler, batch_size, drop_last):
        check_count("BatchSampler: batch_size", batch_size)
        _check_bool("BatchSampler: drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self):
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self):
        if self.drop_last:
            return len(self.sampler) // self.batch_size
        return -(-len(self.sampler) // self.batch_size)


def check_count(what, n):
    if not isinstance(n, int) or isinstance(n, bool) or n <= 0:
        raise ValueError(f"{what} must be a positive integer, got {n!r}.")


def _check_bool(what, value):
    if not isinstance(value, bool):
        raise TypeError(f"{what} must be a bool, got {value!r}.")
