"""NumPy's names of arguments, which PyTorch takes as well: axis for dim, keepdims for keepdim."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import assert_close

A = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]])


def flat(result):
    return list(result) if isinstance(result, tuple) else [result]


def same(call):
    for got, expected in zip(flat(call(pg)), flat(call(torch)), strict=True):
        assert_close(got.numpy(), expected.numpy())


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "var", "std", "amax", "amin", "argmax",
                                  "argmin", "max", "min", "all", "any"])
@pytest.mark.parametrize("options", [{"axis": 0}, {"axis": -1, "keepdims": True},
                                     {"dim": 1, "keepdims": True}], ids=str)
def test_reductions(name, options):
    same(lambda lib: getattr(lib, name)(lib.from_numpy(A), **options))
    same(lambda lib: getattr(lib.from_numpy(A), name)(**options))


def test_running_sum():
    same(lambda lib: lib.from_numpy(A).cumsum(axis=1))
    same(lambda lib: lib.from_numpy(A).cumprod(axis=1))
    with pytest.raises(TypeError):
        pg.from_numpy(A).cumsum()


@pytest.mark.parametrize("name", ["cat", "stack"])
def test_joining(name):
    same(lambda lib: getattr(lib, name)([lib.from_numpy(A)] * 2, axis=1))
