"""Copies of every layout against NumPy, and the same bytes on any number of threads."""

import itertools

import numpy as np
import plugrad as pg
import pytest
import torch

DTYPES = ["bool", "uint8", "int32", "int64", "float32", "float64"]


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    before = pg.get_num_threads()
    pg.set_num_threads(request.param)
    yield request.param
    pg.set_num_threads(before)


def numbers(shape, dtype):
    return np.random.default_rng(0).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (1, 7), (16, 16), (17, 33), (3, 20, 40),
                                   (4, 5, 6, 7), (2, 1, 40, 3)])
def test_every_order_of_axes(shape, dtype):
    x = numbers(shape, dtype)
    for order in itertools.permutations(range(len(shape))):
        for a in (x.transpose(order), x.transpose(order)[::-1] if shape else x,
                  x.transpose(order)[..., ::2] if shape else x):
            y = pg.from_numpy(a).clone().numpy()
            np.testing.assert_array_equal(y, a, strict=True)
            assert y.flags.c_contiguous
            np.testing.assert_array_equal(pg.from_numpy(a).reshape(-1).numpy(), a.reshape(-1))


@pytest.mark.parametrize("shape, order", [
    ((700, 501), (1, 0)), ((12, 64, 40, 32), (0, 2, 1, 3)), ((64, 16, 33, 32), (0, 2, 3, 1)),
    ((300_001, 2), (1, 0)), ((2, 300_001), (1, 0)), ((400_003,), (0,))])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_large_ones_on_threads(threads, shape, order, dtype):
    x = numbers(shape, dtype).transpose(order)
    for a in (x, x[::-1], np.broadcast_to(x[..., :1], x.shape)):
        np.testing.assert_array_equal(pg.from_numpy(a).clone().numpy(), a)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_joining_on_threads(threads, axis):
    parts = [numbers((50, 60, 70), "float32") + i for i in range(3)]
    tensors = [pg.from_numpy(x) for x in (parts[0], parts[1].transpose(0, 1, 2), parts[2])]
    np.testing.assert_array_equal(pg.cat(tensors, axis).numpy(), np.concatenate(parts, axis))
    np.testing.assert_array_equal(pg.stack(tensors, axis).numpy(), np.stack(parts, axis))


@pytest.mark.parametrize("shape, order, new", [
    ((4, 6), (0, 1), (2, 2, 3, 2)), ((4, 6), (1, 0), (2, 3, 4)), ((4, 6), (1, 0), (6, 2, 2)),
    ((4, 6), (1, 0), (24,)), ((2, 3, 4), (2, 0, 1), (4, 6)),
    ((2, 3, 4), (2, 0, 1), (1, 4, 1, 6, 1)),
    ((2, 3, 4), (1, 0, 2), (3, 8)), ((2, 3, 4), (1, 0, 2), (3, 2, 2, 2)), ((1, 1), (1, 0), (1,)),
    ((1, 5, 1), (2, 1, 0), (5,)), ((5, 1), (1, 0), ()), ((5, 0), (1, 0), (0, 7))])
def test_a_reshape_is_a_view_where_pytorch_has_one(shape, order, new):
    if np.prod(shape) != np.prod(new):
        shape = (1,) * len(shape)
    x = numbers(shape, "float32")
    ours, theirs = pg.from_numpy(x).permute(order), torch.from_numpy(x).permute(order)
    y, expected = ours.reshape(new), theirs.reshape(new)
    np.testing.assert_array_equal(y.numpy(), expected.numpy(), strict=True)
    if x.size:
        assert (y.data_ptr() == ours.data_ptr()) == (expected.data_ptr() == theirs.data_ptr())
