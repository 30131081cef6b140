"""Datasets and random_split, next to torch.utils.data."""

import importlib

import numpy as np
import plugrad as pg
import pytest
import torch
import torch.utils.data as reference
from hypothesis import given
from hypothesis import strategies as st
from plugrad import data


def numbers(n, start=0):
    return data.TensorDataset(pg.arange(start, start + n))


def values(dataset):
    return [sample[0].item() for sample in dataset]


def test_tensor_dataset_gives_tuples_of_samples():
    x, y = pg.arange(6).reshape(3, 2), pg.tensor([7, 8, 9])
    dataset = data.TensorDataset(x, y)
    sample = dataset[1]
    assert isinstance(sample, tuple) and len(dataset) == 3
    assert [part.tolist() for part in sample] == [[2, 3], 8]
    assert [part.tolist() for part in dataset[-1]] == [[4, 5], 9]
    assert len(list(dataset)) == 3


def test_tensor_dataset_keeps_the_way_back_to_what_made_it():
    x = pg.tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    [batch] = data.TensorDataset(x).__getbatch__([2, 0, 2])
    batch.sum().backward()
    assert x.grad.tolist() == [[1.0], [0.0], [2.0]]


@pytest.mark.parametrize("tensors, error, text", [
    ((), ValueError, "at least one tensor"),
    ((pg.zeros(3), pg.zeros(4, 2)), ValueError, r"shapes \(3,\), \(4, 2\)"),
    ((pg.zeros(3), pg.zeros(())), ValueError, r"shapes \(3,\), \(\)"),
    ((pg.zeros(3), np.zeros(3)), TypeError, "argument 1 is ndarray"),
])
def test_tensor_dataset_refuses(tensors, error, text):
    with pytest.raises(error, match=text):
        data.TensorDataset(*tensors)


def test_contracts_name_the_method_that_is_missing():
    class Mine(data.Dataset):
        pass

    class Stream(data.IterableDataset):
        pass

    with pytest.raises(NotImplementedError, match="Mine must define __getitem__"):
        Mine()[0]
    with pytest.raises(NotImplementedError, match="Stream must define __iter__"):
        iter(Stream())


@pytest.mark.parametrize("index", [0, 4, -1, -5])
def test_concat_dataset_counts_through(index):
    dataset = numbers(2) + numbers(3, start=2)
    assert isinstance(dataset, data.ConcatDataset) and len(dataset) == 5
    assert dataset[index][0].item() == index % 5


def test_concat_dataset_with_an_empty_one_inside_visits_all():
    dataset = data.ConcatDataset([numbers(2), numbers(0), numbers(1, start=2)])
    assert values(dataset) == [0, 1, 2]
    assert dataset.cumulative_sizes == [2, 2, 3]


@pytest.mark.parametrize("index", [5, -6])
def test_concat_dataset_out_of_range(index):
    with pytest.raises(IndexError, match=f"index {index} is out of range for 5 samples"):
        (numbers(2) + numbers(3))[index]


def test_concat_dataset_refuses():
    class Stream(data.IterableDataset):
        pass

    with pytest.raises(ValueError, match="at least one dataset"):
        data.ConcatDataset([])
    with pytest.raises(TypeError, match="IterableDataset Stream"):
        data.ConcatDataset([Stream()])


def test_chained_streams():
    class Count(data.IterableDataset):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return iter(range(self.n))

        def __len__(self):
            return self.n

    both = Count(2) + Count(3)
    assert isinstance(both, data.ChainDataset)
    assert list(both) == [0, 1, 0, 1, 2] and len(both) == 5


@pytest.mark.parametrize("indices", [[2, 0, -1], np.array([2, 0, -1]), pg.tensor([2, 0, -1])])
def test_subset_in_its_own_order(indices):
    subset = data.Subset(numbers(5), indices)
    assert len(subset) == 3
    assert [subset[i][0].item() for i in range(3)] == [2, 0, 4]
    assert subset.__getbatch__([1, 2])[0].tolist() == [0, 4]


def test_subset_by_a_list_of_positions():
    assert data.Subset(numbers(5), [2, 0, 4])[[0, 2]][0].tolist() == [2, 4]


def test_subset_of_a_dataset_without_batch_fetch_has_none_either():
    assert data.batch_fetch(data.Subset([1, 2, 3], [0, 2])) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5).filter(lambda n: sum(n) != 1))
def test_split_by_lengths_is_a_partition(lengths):
    whole = numbers(sum(lengths))
    parts = data.random_split(whole, lengths, generator=pg.Generator().manual_seed(1))
    assert [len(part) for part in parts] == lengths
    assert sorted(v for part in parts for v in values(part)) == list(range(len(whole)))


@pytest.mark.filterwarnings("ignore:random_split", "ignore:Length of split")
@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.integers(0, 200))
def test_split_by_fractions_has_pytorchs_lengths(weights, n):
    fractions = [weight / sum(weights) for weight in weights]
    if sum(fractions) > 1:          # by rounding; PyTorch takes these for lengths and fails
        fractions[-1] -= 1e-12
    lengths = [len(part) for part in data.random_split(numbers(n), fractions)]
    expected = [len(part) for part in reference.random_split(range(n), fractions)]
    assert lengths == expected


def test_split_takes_fractions_that_rounding_carries_above_one():
    fractions = [0.5, 0.5 + 1e-15]
    assert sum(fractions) > 1
    assert sum(len(part) for part in data.random_split(numbers(100), fractions)) == 100


def test_split_comes_from_the_generator_or_the_seed():
    def order(**options):
        return data.random_split(numbers(50), [30, 20], **options)[0].indices

    one = order(generator=pg.Generator().manual_seed(3))
    assert one == order(generator=pg.Generator().manual_seed(3))
    assert one != order(generator=pg.Generator().manual_seed(4))
    pg.manual_seed(7)
    two = order()
    assert two != order()
    pg.manual_seed(7)
    assert two == order()


@pytest.mark.parametrize("lengths, text", [
    ([3, 3], "add up to the dataset's 10 samples, got \\[3, 3\\] with sum 6"),
    ([0.5, 0.4], "fractions that add up to 1, got \\[0.5, 0.4\\] with sum 0.9"),
    ([1.5, -0.5], "fractions from 0 to 1"),
    ([12, -2], "with sum 10"),
    ([], "with sum 0"),
])
def test_split_refuses(lengths, text):
    with pytest.raises(ValueError, match=text):
        data.random_split(numbers(10), lengths)


def test_split_warns_of_an_empty_part_as_pytorch_does():
    with pytest.warns(UserWarning, match="one is empty"):
        data.random_split(numbers(1), [0.5, 0.5])
    with pytest.warns(UserWarning, match="is 0"):
        reference.random_split(range(1), [0.5, 0.5], generator=torch.Generator())


@pytest.mark.parametrize("lengths", [0.8, 3])
def test_split_wants_a_list(lengths):
    with pytest.raises(TypeError, match=r"fractions that sum to 1, such as \[0.8, 0.2\], got "):
        data.random_split(numbers(10), lengths)


def test_the_warning_of_a_split_points_to_the_callers_line():
    with pytest.warns(UserWarning) as caught:
        data.random_split(numbers(1), [0.5, 0.5])
    assert caught[0].filename == __file__


def test_repr_has_the_length_and_what_is_inside():
    ten = data.TensorDataset(pg.zeros(10))
    assert repr(ten) == "TensorDataset(10 samples)"
    assert repr(data.Subset(ten, [1, 2])) == (
        "Subset(2 samples, dataset=TensorDataset(10 samples))")
    assert repr(ten + ten) == ("ConcatDataset(20 samples, datasets=[TensorDataset(10 samples), "
                               "TensorDataset(10 samples)])")


def test_repr_does_without_a_length():
    class Stream(data.IterableDataset):
        pass

    assert repr(Stream()) == "Stream()"
    assert repr(Stream() + Stream()) == "ChainDataset(datasets=[Stream(), Stream()])"


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_datasets_side_by_side(lib):
    data = lib.utils.data
    a, b = data.TensorDataset(lib.arange(4)), [5, 6, 7, 8]
    stacked, named = data.StackDataset(a, b), data.StackDataset(x=a, y=b)
    assert len(stacked) == len(named) == 4
    assert stacked[1] == ((lib.tensor(1),), 6) and named[2] == {"x": (lib.tensor(2),), "y": 7}
    batch = next(iter(data.DataLoader(named, batch_size=3)))
    assert batch["x"][0].tolist() == [0, 1, 2] and batch["y"].tolist() == [5, 6, 7]
    for wrong in (lambda: data.StackDataset(), lambda: data.StackDataset(a, y=b),
                  lambda: data.StackDataset(a, b[:3])):
        with pytest.raises(ValueError):
            wrong()


@pytest.mark.parametrize("module, names", [
    ("sampler", ["Sampler", "BatchSampler", "RandomSampler", "SequentialSampler",
                 "SubsetRandomSampler", "WeightedRandomSampler"]),
    ("dataset", ["Dataset", "IterableDataset", "TensorDataset", "StackDataset", "random_split"]),
    ("dataloader", ["DataLoader", "default_collate"])])
def test_pytorchs_addresses(module, names):
    place = getattr(pg.utils.data, module)
    assert importlib.import_module(f"plugrad.utils.data.{module}") is place
    for name in names:
        assert getattr(place, name) is getattr(pg.utils.data, name)
        assert hasattr(importlib.import_module(f"torch.utils.data.{module}"), name)
