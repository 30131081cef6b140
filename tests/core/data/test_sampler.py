"""Samplers, next to torch.utils.data where order does not depend on the random stream."""

from collections import Counter

import plugrad as pg
import pytest
import torch.utils.data as reference
from hypothesis import given
from hypothesis import strategies as st
from plugrad import data


def seeded(seed):
    return pg.Generator().manual_seed(seed)


def test_sequential():
    sampler = data.SequentialSampler("abc")
    assert list(sampler) == [0, 1, 2] and len(sampler) == 3


@given(st.integers(0, 40), st.integers(1, 12), st.booleans())
def test_batches_as_pytorch(n, batch_size, drop_last):
    ours = data.BatchSampler(range(n), batch_size, drop_last)
    theirs = reference.BatchSampler(range(n), batch_size, drop_last)
    assert list(ours) == list(theirs)
    assert len(ours) == len(theirs) == len(list(ours))


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_batch_sampler_refuses(batch_size):
    with pytest.raises(ValueError, match="batch_size must be a positive integer"):
        data.BatchSampler(range(3), batch_size, False)


def test_batch_sampler_refuses_a_number_for_drop_last():
    with pytest.raises(TypeError, match="drop_last must be a bool"):
        data.BatchSampler(range(3), 1, 1)


@given(st.integers(0, 30), st.integers(1, 70))
def test_random_order_visits_each_index_equally_often(n, num_samples):
    sampler = data.RandomSampler(range(n), num_samples=num_samples, generator=seeded(n))
    if n == 0:
        with pytest.raises(ValueError, match="empty dataset"):
            list(sampler)
        return
    counts = Counter(sampler)
    assert len(sampler) == counts.total() == num_samples
    assert set(counts) <= set(range(n))
    times = [counts[i] for i in range(n)]
    assert max(times) - min(times) <= 1


def test_random_order_is_new_each_epoch_and_repeats_with_the_seed():
    sampler = data.RandomSampler(range(100), generator=seeded(5))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100)) and first != second
    again = data.RandomSampler(range(100), generator=seeded(5))
    assert [list(again), list(again)] == [first, second]


def test_random_sampler_with_replacement():
    sampler = data.RandomSampler(range(3), replacement=True, num_samples=300, generator=seeded(0))
    counts = Counter(sampler)
    assert counts.total() == 300 and min(counts[i] for i in range(3)) > 60


def test_an_empty_dataset_has_an_empty_epoch():
    assert list(data.RandomSampler([])) == []
    assert list(data.RandomSampler([], replacement=True)) == []


def test_subset_random():
    sampler = data.SubsetRandomSampler([3, 5, 8], generator=seeded(0))
    assert sorted(sampler) == [3, 5, 8] and len(sampler) == 3
    assert len({tuple(sampler) for _ in range(50)}) == 6


@pytest.mark.parametrize("replacement", [True, False])
def test_weights_set_how_often(replacement):
    """Without replacement the first of each draw follows the weights: count that one."""
    generator, counts = seeded(2), Counter()
    for _ in range(4000):
        sampler = data.WeightedRandomSampler([1, 0, 3], 2, replacement, generator)
        draw = list(sampler)
        assert len(draw) == len(sampler) == 2
        assert replacement or sorted(draw) == [0, 2]
        counts[draw[0]] += 1
    assert counts[1] == 0
    assert counts[2] / 4000 == pytest.approx(0.75, abs=0.03)       # sigma 0.007


def test_weights_as_a_tensor():
    draw = list(data.WeightedRandomSampler(pg.tensor([0.0, 1.0]), 5))
    assert draw == [1] * 5


@pytest.mark.parametrize("weights", [[1.0, -1.0], [0.0, 0.0], [1.0, float("nan")]])
def test_impossible_weights(weights):
    with pytest.raises(RuntimeError):
        list(data.WeightedRandomSampler(weights, 1))


def test_too_few_weights_above_zero():
    with pytest.raises(RuntimeError):
        list(data.WeightedRandomSampler([1, 0, 1], 3, replacement=False))


def test_weighted_sampler_refuses():
    with pytest.raises(ValueError, match=r"got weights of shape \(1, 2\)"):
        data.WeightedRandomSampler([[1, 2]], 1)
    with pytest.raises(ValueError, match="num_samples must be a positive integer"):
        data.WeightedRandomSampler([1], 0)


@pytest.mark.parametrize("make", [
    lambda: data.RandomSampler([1], replacement=1),
    lambda: data.WeightedRandomSampler([1], 1, replacement="no"),
])
def test_replacement_is_a_bool(make):
    with pytest.raises(TypeError, match="replacement must be a bool"):
        make()


def test_a_sampler_without_iter_says_so():
    class Mine(data.Sampler):
        pass

    with pytest.raises(NotImplementedError, match="Mine must define __iter__"):
        iter(Mine())
