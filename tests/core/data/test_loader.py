"""DataLoader, next to PyTorch's."""

import inspect

import numpy as np
import plugrad as pg
import plugrad.utils.data
import pytest
import torch
import torch.utils.data as reference
from hypothesis import given
from hypothesis import strategies as st
from plugrad import data


class Squares(data.Dataset):
    """Sample i is (i, i * i): no batch fetch."""

    def __init__(self, n):
        self.n = n

    def __getitem__(self, i):
        return i, i * i

    def __len__(self):
        return self.n


class Count(data.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def numbers(n):
    return data.TensorDataset(pg.arange(n), pg.arange(n) * 2)


def seeded(seed):
    return pg.Generator().manual_seed(seed)


def firsts(loader):
    return [batch[0].tolist() for batch in loader]


def test_arguments_are_pytorchs():
    ours = inspect.signature(data.DataLoader).parameters.values()
    theirs = inspect.signature(reference.DataLoader).parameters.values()
    assert ([(p.name, p.kind, p.default) for p in ours]
            == [(p.name, p.kind, p.default) for p in theirs])


@pytest.mark.parametrize("make", [numbers, Squares])
@given(n=st.integers(0, 30), batch_size=st.integers(1, 12), drop_last=st.booleans())
def test_batches_as_pytorch(make, n, batch_size, drop_last):
    ours = data.DataLoader(make(n), batch_size, drop_last=drop_last)
    theirs = reference.DataLoader(torch.arange(n), batch_size, drop_last=drop_last)
    assert firsts(ours) == [batch.tolist() for batch in theirs]
    assert len(ours) == len(theirs)


@given(n=st.integers(0, 40), batch_size=st.integers(1, 12), seed=st.integers(0, 2**32))
def test_shuffled_epochs_visit_all_once_and_repeat_with_the_seed(n, batch_size, seed):
    def two_epochs():
        loader = data.DataLoader(numbers(n), batch_size, shuffle=True, generator=seeded(seed))
        return firsts(loader), firsts(loader)

    epochs = two_epochs()
    for epoch in epochs:
        assert sorted(i for batch in epoch for i in batch) == list(range(n))
    assert two_epochs() == epochs


def test_shuffle_follows_manual_seed():
    loader = data.DataLoader(numbers(100), 100, shuffle=True)
    pg.manual_seed(11)
    first, second = firsts(loader), firsts(loader)
    assert first != second
    pg.manual_seed(11)
    assert firsts(loader) == first


def test_a_batch_is_a_list_of_tensors_as_in_pytorch():
    [batch] = data.DataLoader(numbers(3), 3)
    assert type(batch) is list
    assert [part.tolist() for part in batch] == [[0, 1, 2], [0, 2, 4]]
    assert batch[0].dtype == pg.int64


def test_batch_fetch_gives_what_collating_gives():
    x = pg.arange(24.0).reshape(4, 3, 2)
    dataset = data.TensorDataset(x, pg.tensor([True, False, True, True]), pg.arange(4))
    ours = dataset.__getbatch__([3, 0, -1])
    one_by_one = data.default_collate([dataset[i] for i in [3, 0, -1]])
    for a, b in zip(ours, one_by_one, strict=True):
        assert a.dtype == b.dtype and a.tolist() == b.tolist()


@pytest.mark.parametrize("indices", [[0, 1.5], ["a"], [None]])
def test_batch_fetch_takes_integers_only(indices):
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        numbers(3).__getbatch__(indices)


@pytest.mark.parametrize("base", [data.TensorDataset, data.Subset])
def test_an_overridden_getitem_is_called(base):
    class Doubled(base):
        def __getitem__(self, i):
            return [part * 10 for part in super().__getitem__(i)]

    arguments = [pg.arange(3)] if base is data.TensorDataset else [numbers(3), [0, 1, 2]]
    dataset = Doubled(*arguments)
    assert firsts(data.DataLoader(dataset, 3)) == [[0, 10, 20]]
    assert firsts(data.DataLoader(data.Subset(dataset, [2, 1]), 2)) == [[20, 10]]


def test_pytorchs_getitems_is_asked_for_a_batch():
    class Listed(Squares):
        def __getitems__(self, indices):
            return [(100 + i, 0) for i in indices]

    assert firsts(data.DataLoader(Listed(3), 2)) == [[100, 101], [102]]


def test_collate_fn_sees_the_samples():
    seen = []
    loader = data.DataLoader(numbers(3), 2, collate_fn=lambda batch: seen.append(batch) or "made")
    assert list(loader) == ["made", "made"]
    assert [len(batch) for batch in seen] == [2, 1]
    assert type(seen[0]) is list and type(seen[0][0]) is tuple


def test_sampler_and_batch_sampler():
    assert firsts(data.DataLoader(numbers(5), 2, sampler=[4, 0, 2])) == [[4, 0], [2]]
    groups = [[0, 1, 2], np.array([4]), pg.tensor([3, 0]), (1, 1)]
    loader = data.DataLoader(numbers(5), batch_sampler=groups)
    assert firsts(loader) == [[0, 1, 2], [4], [3, 0], [1, 1]]
    assert len(loader) == 4 and loader.batch_size is None


def test_keys_of_any_kind():
    dataset = {"a": 1.0, "b": 2.0}
    [batch] = data.DataLoader(dataset, 2, sampler=["b", "a"])
    assert batch.tolist() == [2.0, 1.0]


def test_lists_and_arrays_are_datasets():
    assert [b.tolist() for b in data.DataLoader([5, 6, 7], 2)] == [[5, 6], [7]]
    assert [b.tolist() for b in data.DataLoader(np.eye(2), 2)] == [[[1.0, 0.0], [0.0, 1.0]]]


def test_without_batches_samples_come_converted():
    loader = data.DataLoader([np.float32(3), np.zeros(2)], batch_size=None)
    first, second = loader
    assert first.item() == 3 and second.tolist() == [0.0, 0.0] and len(loader) == 2
    assert list(data.DataLoader(Count(3), batch_size=None)) == [0, 1, 2]


@given(st.integers(0, 20), st.integers(1, 6), st.booleans())
def test_streams_as_pytorch(n, batch_size, drop_last):
    class Stream(reference.IterableDataset):
        def __iter__(self):
            return iter(range(n))

    ours = data.DataLoader(Count(n), batch_size, drop_last=drop_last)
    theirs = reference.DataLoader(Stream(), batch_size, drop_last=drop_last)
    assert [b.tolist() for b in ours] == [b.tolist() for b in theirs]


def test_the_length_of_a_stream_is_known_if_it_has_one():
    class Sized(Count):
        def __len__(self):
            return self.n

    assert len(data.DataLoader(Sized(5), 2)) == 3
    with pytest.raises(TypeError, match="no len"):
        len(data.DataLoader(Count(5), 2))


@pytest.mark.parametrize("options, text", [
    ({"batch_sampler": [[0]], "shuffle": True}, "shuffle .* batch_sampler"),
    ({"batch_sampler": [[0]], "batch_size": 2}, "batch_size .* batch_sampler"),
    ({"batch_sampler": [[0]], "drop_last": True}, "drop_last .* batch_sampler"),
    ({"batch_sampler": [[0]], "sampler": [0]}, "sampler .* batch_sampler"),
    ({"sampler": [0], "shuffle": True}, "shuffle .* sampler"),
    ({"batch_size": None, "drop_last": True}, "drop_last .* batch_size=None"),
    ({"batch_size": 0}, "^DataLoader: batch_size must be a positive integer"),
    ({"batch_size": -2}, "^DataLoader: batch_size must be a positive integer"),
    ({"num_workers": -1}, "num_workers must be 0 or more"),
])
def test_refuses_as_pytorch_does(options, text):
    with pytest.raises(ValueError, match=text):
        data.DataLoader(numbers(3), **options)
    with pytest.raises(ValueError):
        reference.DataLoader(range(3), **options)


@pytest.mark.parametrize("options", [
    {"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]},
])
def test_a_stream_has_its_own_order(options):
    with pytest.raises(ValueError, match="IterableDataset, which gives its own order"):
        data.DataLoader(Count(3), **options)


def test_a_generator_is_no_dataset():
    with pytest.raises(TypeError, match="__getitem__ and __len__, or an IterableDataset; got gen"):
        data.DataLoader(i for i in range(3))


def test_workers_and_pinning_are_accepted():
    loader = data.DataLoader(numbers(3), 3, num_workers=2, pin_memory=True, timeout=1.0,
                             worker_init_fn=print, prefetch_factor=2, persistent_workers=True)
    assert firsts(loader) == [[0, 1, 2]]


def test_batch_size_is_fixed():
    with pytest.raises(AttributeError):
        data.DataLoader(numbers(3)).batch_size = 2


def test_an_error_in_a_sample_comes_through():
    class Broken(Squares):
        def __getitem__(self, i):
            raise StopIteration if i == 1 else KeyError(i)

    with pytest.raises(KeyError):
        list(data.DataLoader(Broken(1)))
    with pytest.raises(RuntimeError, match="StopIteration"):       # not a silently shorter epoch
        list(data.DataLoader(Broken(2), sampler=[1]))


def test_pytorchs_address():
    assert pg.utils.data.DataLoader is data.DataLoader
    assert pg.utils.data.random_split is data.random_split
    assert pg.utils.data.get_worker_info() is None
    assert pg.utils.data.dataset.Dataset is data.Dataset
    assert pg.utils.data.dataloader.DataLoader is data.DataLoader


class NoLength(data.Dataset):
    def __getitem__(self, index):
        return index


@pytest.mark.parametrize("dataset, text", [
    (NoLength(), "got NoLength, of which only __len__ is missing"),
    (iter([]), "got list_iterator, of which both are missing"),
    (NoLength, r"expected a dataset, got the class NoLength; make an object of it: NoLength"),
])
def test_says_what_a_dataset_lacks(dataset, text):
    with pytest.raises(TypeError, match=text):
        data.DataLoader(dataset)


def test_repr_has_the_dataset_and_the_options():
    assert repr(data.DataLoader(numbers(3))) == f"DataLoader({numbers(3)!r}, batch_size=1)"
    assert repr(data.DataLoader(numbers(3), 2, shuffle=True, drop_last=True)) == (
        f"DataLoader({numbers(3)!r}, batch_size=2, shuffle=True, drop_last=True)")
    assert repr(data.DataLoader([1, 2, 3])) == "DataLoader(list, batch_size=1)"
