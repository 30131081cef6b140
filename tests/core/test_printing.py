"""Printing: whatever the numbers and the options, the text is PyTorch's."""

import re

import numpy as np
import plugrad as pg
import pytest
import torch

SHAPES = [(), (0,), (1,), (7,), (999,), (1000,), (1001,), (0, 3), (3, 0), (2, 3), (5, 30), (40, 40),
          (2, 3, 4), (11, 10, 10), (1, 1001), (1001, 1), (2, 2, 2, 2), (8, 2, 100), (1, 1, 1, 1001)]


@pytest.fixture(autouse=True)
def restored():
    yield
    for lib in (pg, torch):
        lib.set_printoptions(profile="default")


def numbers(rng, shape):
    """Floats that are alike, whole, of any size, or odd."""
    x = rng.standard_normal(shape)
    odd = rng.choice([np.inf, -np.inf, np.nan, 0.0, -0.0], shape)
    return np.asarray([x, np.round(x * 5), x * 10.0 ** rng.integers(-45, 38, shape), x * 1e5,
                       x * 1e-5, np.where(rng.random(shape) < 0.4, odd, np.round(x)), x * 0,
                       np.full(shape, np.inf), np.where(rng.random(shape) < 0.4, np.nan, x),
                       np.round(x * 1e6), np.round(x * 1e10)][rng.integers(11)])


def array(rng):
    """Any array that a tensor can hold."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    dtype = rng.choice(["float32", "float64", "int64", "int32", "uint8", "bool"])
    if dtype[0] == "f":
        return numbers(rng, shape).astype(dtype)
    most = {"bool": 1, "uint8": 255}.get(dtype, 10 ** rng.integers(1, 9))
    least = -most if dtype[0] == "i" else 0
    return np.asarray(rng.integers(least, most, shape, endpoint=True)).astype(dtype)


def text(lib, array, grad):
    x = lib.from_numpy(array.copy())
    if grad:
        x.requires_grad_()
    printed = repr(x * 1 if grad == "recorded" else x).replace(f"{lib.__name__}.", "")
    # The name of the library is longer than PyTorch's and may move what follows to a new line.
    return re.sub(r",\n +(dtype|grad_fn|requires)", r", \1", printed) if "dtype" in printed else (
        printed)


@pytest.mark.parametrize("seed", range(4))
def test_any_tensor_prints_as_in_pytorch(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        a = array(rng)
        for grad in (["", "leaf", "recorded"] if a.dtype.kind == "f" else [""]):
            assert text(pg, a, grad) == text(torch, a, grad)


@pytest.mark.parametrize("seed", range(4))
def test_options_mean_what_they_mean_in_pytorch(seed):
    rng = np.random.default_rng([1, seed])
    choices = {"precision": range(9), "threshold": [0, 5, 100, 1000], "edgeitems": range(5),
               "linewidth": range(10, 130), "sci_mode": [None, True, False],
               "profile": ["default", "short", "full"]}
    for _ in range(25):
        options = {name: values[rng.integers(len(values))] for name, values in choices.items()
                   if rng.random() < 0.4}
        a = array(rng)
        for lib in (pg, torch):
            lib.set_printoptions(**options)
        assert text(pg, a, "") == text(torch, a, ""), options


@pytest.mark.parametrize("n", range(1, 26))
def test_what_does_not_fit_the_line_goes_to_the_next(n):
    values = np.ones(n, np.float32)
    assert text(pg, values, "leaf") == text(torch, values, "leaf")
    assert text(pg, values / 3, "recorded") == text(torch, values / 3, "recorded")


@pytest.mark.parametrize("options", [{"profile": "long"}, {"precision": -1}, {"linewidth": "80"},
                                     {"edgeitems": 1.5}])
def test_an_option_that_can_not_be(options):
    with pytest.raises(ValueError, match="set_printoptions: expected"):
        pg.set_printoptions(**options)
