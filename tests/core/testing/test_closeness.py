"""assert_close agrees with PyTorch's about what is close, and says why not."""

import numpy as np
import plugrad as pg
import pytest
import torch

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
ONE = [1.0, 2.0]


@LIBS
@pytest.mark.parametrize("actual, expected, options", [
    (lambda t: t(ONE), lambda t: t([1.0, 2.0 + 1e-6]), {}),
    (lambda t: t(ONE), lambda t: t([1.0, 2.1]), {"rtol": 0.1, "atol": 0.0}),
    (lambda t: t([float("nan")]), lambda t: t([float("nan")]), {"equal_nan": True}),
    (lambda t: [t(ONE), 3], lambda t: [t(ONE), 3], {}),
    (lambda t: {"a": (t(ONE),)}, lambda t: {"a": (t(ONE),)}, {}),
    (lambda t: np.ones(2), lambda t: np.ones(2), {}),
    (lambda t: t([1, 2]), lambda t: t(ONE), {"check_dtype": False}),
    (lambda t: 1.0, lambda t: 1.0 + 1e-9, {}),
], ids=range(8))
def test_what_is_close_passes(lib, actual, expected, options):
    assert lib.testing.assert_close(actual(lib.tensor), expected(lib.tensor), **options) is None


@LIBS
@pytest.mark.parametrize("actual, expected, options, text", [
    (lambda t: t(ONE), lambda t: t([1.0, 2.5]), {}, "Tensor-likes are not close!\n\nMismatched "
     r"elements: 1 / 2 \(50.0%\)\nGreatest absolute difference: 0.5 at index \(1,\) \(up to 1e-05"
     r" allowed\)\nGreatest relative difference: 0.2\d* at index \(1,\) \(up to 1.3e-06 allowed"),
    (lambda t: t(ONE), lambda t: t([1.0]), {}, "attribute 'shape' do not match"),
    (lambda t: t([1, 2]), lambda t: t(ONE), {}, "attribute 'dtype' do not match"),
    (lambda t: t([float("nan")]), lambda t: t([float("nan")]), {}, "not close"),
    (lambda t: [t(ONE), t(ONE)], lambda t: [t(ONE), t([1.0, 3.0])], {}, r"for item \[1\]"),
    (lambda t: [t(ONE)], lambda t: [], {}, "length of the sequences mismatch: 1 != 0"),
    (lambda t: {"a": 1}, lambda t: {"b": 1}, {}, "keys of the mappings do not match"),
    (lambda t: 1.0, lambda t: 2.0, {}, "Scalars are not close!\n\nExpected 2.0 but got 1.0"),
    (lambda t: 1.0, lambda t: 2.0, {"msg": "other"}, "^other$"),
    (lambda t: 1.0, lambda t: 2.0, {"msg": lambda text: f"At last: {text}"}, "At last: Scalars"),
], ids=range(10))
def test_what_is_not_is_told(lib, actual, expected, options, text):
    with pytest.raises(AssertionError, match=text):
        lib.testing.assert_close(actual(lib.tensor), expected(lib.tensor), **options)


@LIBS
def test_one_tolerance_needs_the_other(lib):
    with pytest.raises(ValueError, match=r"rtol.*atol"):
        lib.testing.assert_close(1.0, 1.0, rtol=0.1)
