"""PyTorch's older names of dtypes, and asking a tensor for its type."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import assert_close

NAMES = ["FloatTensor", "DoubleTensor", "IntTensor", "LongTensor", "ByteTensor", "BoolTensor"]


@pytest.mark.parametrize("name", NAMES)
def test_data_makes_a_tensor_of_the_types_dtype(name):
    for data in ([1.5, 0.0], [[1, 2], [3, 4]], [], (2, 3), np.array([1.0, 0.0]), np.arange(3)):
        ours, theirs = getattr(pg, name)(data), getattr(torch, name)(data)
        assert_close(ours.numpy(), theirs.numpy())
        assert isinstance(ours, getattr(pg, name)) and ours.type() == f"plugrad.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_sizes_make_a_tensor_of_that_shape(name):
    for sizes in ((), (3,), (2, 3), (0, 2)):
        ours, theirs = getattr(pg, name)(*sizes), getattr(torch, name)(*sizes)
        assert tuple(ours.shape) == tuple(theirs.shape) and ours.type() == f"plugrad.{name}"
    assert getattr(pg, name)(pg.Size([4])).shape == (4,)
    assert getattr(pg, name)(size=(2, 2)).shape == (2, 2)


def test_a_tensor_of_the_dtype_shares_its_memory():
    x = pg.ones(2)
    pg.FloatTensor(x)[0] = 5
    assert x.tolist() == [5, 1]


@pytest.mark.parametrize("call", [
    lambda lib: lib.FloatTensor(2.5), lambda lib: lib.FloatTensor("a"),
    lambda lib: lib.FloatTensor(lib.ones(2, dtype=lib.int64)),
    lambda lib: lib.FloatTensor([1], [2])])
def test_what_makes_no_tensor(call):
    with pytest.raises(TypeError):
        call(torch)
    with pytest.raises(TypeError, match="FloatTensor: expected"):
        call(pg)


def test_isinstance_asks_for_the_dtype():
    assert isinstance(pg.ones(1), pg.FloatTensor) and not isinstance(pg.ones(1), pg.LongTensor)
    assert not isinstance(np.ones(1, np.float32), pg.FloatTensor)


@pytest.mark.parametrize("name", NAMES)
def test_type_converts(name):
    for x in ([1.5, 0.0, 3.0], [1, 0]):
        expected = torch.tensor(x).type(f"torch.{name}").numpy()
        ours = getattr(pg, name)
        for given in (f"torch.{name}", f"plugrad.{name}", ours, ours.dtype):
            assert_close(pg.tensor(x).type(given).numpy(), expected)


def test_type_of_the_same_dtype_is_the_tensor_itself():
    x = pg.ones(2)
    assert x.type(pg.FloatTensor) is x and x.type("torch.FloatTensor") is x


@pytest.mark.parametrize("wrong, error", [("torch.Tensors", ValueError), (3, TypeError),
                                          ("torch.cuda.FloatTensor", RuntimeError)])
def test_what_names_no_type(wrong, error):
    with pytest.raises(error):
        torch.ones(1).type(wrong)
    with pytest.raises(error, match=r"type: .*got"):
        pg.ones(1).type(wrong)


def test_new_makes_one_of_the_same_dtype():
    for lib in (pg, torch):
        x = lib.ones(2, dtype=lib.int64)
        assert x.new([1.5, 2]).tolist() == [1, 2] and tuple(x.new(2, 3).shape) == (2, 3)
        assert x.new().dtype is lib.int64 and x.new().numel() == 0


@pytest.mark.parametrize("given", ["torch.DoubleTensor", "DoubleTensor"])
def test_the_default_type(given):
    try:
        pg.set_default_tensor_type(given)
        assert pg.ones(1).dtype is pg.float64
        pg.set_default_tensor_type(pg.FloatTensor)
        assert pg.ones(1).dtype is pg.float32
    finally:
        pg.set_default_dtype(pg.float32)


@pytest.mark.parametrize("wrong", ["LongTensor", "IntTensor"])
def test_only_floats_are_the_default(wrong):
    for lib in (pg, torch):
        with pytest.raises(TypeError):
            lib.set_default_tensor_type(getattr(lib, wrong))
    with pytest.raises(TypeError, match="expected FloatTensor or DoubleTensor"):
        pg.set_default_tensor_type(pg.float64)


def test_typename():
    for make in (lambda lib: lib.ones(1), lambda lib: lib.ones(1).long(), lambda lib: 3,
                 lambda lib: lib.Tensor):
        assert pg.typename(make(pg)).replace("plugrad.", "torch.") == torch.typename(make(torch))
    assert pg.typename(pg.nn.Linear(1, 1)) == pg.typename(pg.nn.Linear)
    assert pg.typename(pg.nn.Linear).endswith(".Linear")
