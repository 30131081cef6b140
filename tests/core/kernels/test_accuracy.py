"""The float32 functions that are our own, against PyTorch's in float64, over all of float32."""

import numpy as np
import plugrad as pg
import pytest
import torch

# Where the values change; beyond, they are constant and a few samples do.
RANGES = {"exp": (-105, 90), "log": (0, np.inf), "log1p": (-1, np.inf), "tanh": (-10, 10),
          "sigmoid": (-105, 20), "erf": (-5, 5)}
ULP = 4
STEP = 1 << 17             # numbers at a time: all arrays stay in the caches


def bits_between(low, high):
    """Ranges of the bit patterns of the float32 numbers from low to high, by sign."""
    for sign, end in ((0, high), (1 << 31, -low)):
        if end > 0:
            yield sign, sign + int(np.array(end, np.float32).view(np.uint32)) + 1


def worst(name, every):
    """The largest error in units of the last place, over every so many float32 numbers."""
    found = 0.0
    for first, end in bits_between(*RANGES[name]):
        for start in range(first, end, STEP * every):
            bits = np.arange(start, min(start + STEP * every, end), every, dtype=np.uint32)
            found = np.maximum(found, error(name, bits.view(np.float32)))      # NaN stays
    return found


def error(name, x):
    got = getattr(pg.from_numpy(x), name)().numpy()
    want = getattr(torch, name)(torch.from_numpy(x).double()).numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        nearest = want.astype(np.float32)
        off = np.abs(got - want) / np.spacing(np.abs(nearest).clip(min=np.float32(1.2e-38)))
    return np.where(got == nearest, 0, off).max()     # NaN if one is infinite and the other is not


@pytest.mark.parametrize("name", RANGES)
def test_a_sample_of_all_floats(name):
    assert worst(name, 2003) <= ULP


@pytest.mark.slow
@pytest.mark.parametrize("name", RANGES)
def test_every_sixteenth_float(name):
    assert worst(name, 16) <= ULP


@pytest.mark.parametrize("name", [*RANGES, "expm1", "sin", "sqrt", "log2"])
def test_special_values_are_pytorchs(name):
    values = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, -2.0, 1e-45, -1e-45, 3.4e38, -3.4e38,
              1e-38, 200.0, -200.0, 1e-10, -1e-10]
    for length in (1, 17, 40):                       # numbers one by one, and as vectors
        x = np.resize(np.array(values, np.float32), length * len(values))
        got = getattr(pg.from_numpy(x), name)().numpy()
        want = getattr(torch, name)(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=2e-45)
        zero = (want == 0) & (x == 0)
        assert (np.signbit(got[zero]) == np.signbit(want[zero])).all()
