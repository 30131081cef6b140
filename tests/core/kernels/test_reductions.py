"""The reductions against NumPy, PyTorch and exact sums: every dtype, any axes, any strides."""

import math
import threading

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from plugrad.kernels.base.threads import get_num_threads, set_num_threads
from plugrad.kernels.reduce.door import Reduction, reduce

FLOATS = ["float32", "float64"]
DTYPES = ["bool", "uint8", "int32", "int64", *FLOATS]
NUMPY = {
    Reduction.SUM: np.sum, Reduction.PROD: np.prod, Reduction.MAX: np.max, Reduction.MIN: np.min,
    Reduction.ANY: np.any, Reduction.ALL: np.all,
}
POSITION = {Reduction.ARGMAX: np.argmax, Reduction.ARGMIN: np.argmin}
CHOOSING = [Reduction.MAX, Reduction.MIN, Reduction.ARGMAX, Reduction.ARGMIN]


def bits(axes):
    return sum(1 << i for i in axes)


def subsets(ndim):
    return [tuple(i for i in range(ndim) if mask >> i & 1) for mask in range(1 << ndim)]


def expected(op, x, axes, keepdim=False):
    integer = op in (Reduction.SUM, Reduction.PROD) and x.dtype.kind != "f"
    return np.asarray(NUMPY[op](x, axis=axes, keepdims=keepdim,
                                **({"dtype": np.int64} if integer else {})))


def few(shape, dtype, seed=0):
    """Small whole numbers, so that every order of summation gives the same."""
    return np.random.default_rng(seed).integers(0, 3, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", NUMPY, ids=lambda op: op.name)
@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 70), (70, 3), (2, 5, 33), (2, 1, 3, 2)])
def test_every_set_of_axes(op, dtype, shape):
    x = few(shape, dtype)
    for a in (x, x.T, x[::-1], x[..., ::2]):
        for axes in subsets(a.ndim):
            for keepdim in (False, True):
                np.testing.assert_array_equal(
                    reduce(op, a, bits(axes), keepdim), expected(op, a, axes, keepdim),
                    strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", POSITION, ids=lambda op: op.name)
@pytest.mark.parametrize("shape", [(1,), (5,), (4, 5), (70, 3), (2, 5, 33)])
def test_positions(op, dtype, shape):
    x = few(shape, dtype)
    for a in (x, x.T, x[::-1], x[..., ::2], np.broadcast_to(x[:1], shape)):
        everything = reduce(op, a, bits(range(a.ndim)), False)
        np.testing.assert_array_equal(everything, np.asarray(POSITION[op](a)), strict=True)
        assert reduce(op, a, bits(range(a.ndim)), True).shape == (1,) * a.ndim
        for axis in range(a.ndim):
            for keepdim in (False, True):
                np.testing.assert_array_equal(
                    reduce(op, a, 1 << axis, keepdim), POSITION[op](a, axis, keepdims=keepdim),
                    strict=True)


@st.composite
def arrays(draw):
    """Small whole numbers, transposed, reversed, with gaps or repeated, and some of its axes."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=6, min_side=0,
                                  max_side=draw(st.sampled_from([3, 10]))))
    x = few(shape, draw(st.sampled_from(DTYPES)), draw(st.integers(0, 99)))
    for axis in range(x.ndim):
        step = draw(st.sampled_from([1, 1, -1, 2, -2, 0]))
        x = np.moveaxis(x, axis, 0)
        x = x[::step] if step else np.broadcast_to(x[:1], (min(len(x), 1) * 4, *x.shape[1:]))
        x = np.moveaxis(x, 0, axis)
    x = x.transpose(draw(st.permutations(range(x.ndim))))
    return x, tuple(sorted(draw(st.sets(st.sampled_from(range(x.ndim)))))) if x.ndim else ()


@settings(deadline=None, max_examples=400)
@given(arrays(), st.sampled_from(list(NUMPY)), st.booleans())
def test_any_strides(x_axes, op, keepdim):
    x, axes = x_axes
    if op is Reduction.PROD and x.dtype.kind == "f":     # 2 ** 128 is inf, and times 0 is nan, or
        assume(math.prod(x.shape[i] for i in axes) < 128)      # 0 where 0 was met before
    if op in CHOOSING and any(x.shape[i] == 0 for i in axes):
        with pytest.raises(RuntimeError, match="is empty"):
            reduce(op, x, bits(axes), keepdim)
    else:
        np.testing.assert_array_equal(
            reduce(op, x, bits(axes), keepdim), expected(op, x, axes, keepdim), strict=True)


@pytest.mark.parametrize("shape", [(40, 700), (700, 40), (9, 5, 300), (300, 9, 5), (20, 30, 31)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_more_than_a_leaf_or_a_row_of_accumulators(shape, dtype):
    x = few(shape, dtype)
    for op in (Reduction.SUM, Reduction.MAX, Reduction.ALL):
        for a in (x, x.T, x[..., ::3]):
            for axes in subsets(a.ndim):
                np.testing.assert_array_equal(
                    reduce(op, a, bits(axes), False), expected(op, a, axes), strict=True)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", [Reduction.SUM, Reduction.PROD], ids=lambda op: op.name)
def test_floats_are_pytorchs(op, dtype):
    x = 1 + np.random.default_rng(0).standard_normal((6, 11, 40)).astype(dtype) / 10
    t = torch.tensor(x)
    for axis in range(3):
        y = t.sum(axis) if op == Reduction.SUM else t.prod(axis)
        np.testing.assert_allclose(reduce(op, x, 1 << axis, False), y, rtol=1e-5)


# ------------------------------------------------------------------------------------- accuracy

@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [31, 1000, 10**5, 10**6])
def test_sums_are_exact_but_for_a_few_roundings(dtype, n):
    """Along a run, down the rows and over a strided run: at most log2(n) / 2 units of rounding,
    where adding one after the other loses about sqrt(n)."""
    x = np.random.default_rng(0).random((n, 8)).astype(dtype)
    exact = np.array([math.fsum(column) for column in x.T.tolist()])
    eps = np.finfo(dtype).eps
    for a, axes in ((np.ascontiguousarray(x.T), 2), (x, 1), (x.T, 2)):
        error = np.abs(reduce(Reduction.SUM, a, axes, False) / exact - 1)
        assert np.max(error) <= math.log2(n) / 2 * eps


def test_sum_over_outer_and_inner_axes_is_as_accurate():
    x = np.random.default_rng(0).random((1000, 3, 500)).astype("f4")
    exact = x.astype("f8").sum((0, 2))
    np.testing.assert_allclose(reduce(Reduction.SUM, x, 5, False), exact, rtol=3e-7)
    np.testing.assert_allclose(reduce(Reduction.SUM, x[..., ::5], 5, False),
                               x[..., ::5].astype("f8").sum((0, 2)), rtol=3e-7)


def test_integers_add_up_in_64_bits():
    assert reduce(Reduction.SUM, np.full(100, 2**31 - 1, "i4"), 1, False) == 100 * (2**31 - 1)
    assert reduce(Reduction.SUM, np.full(1000, 255, "u1"), 1, False) == 255000
    assert reduce(Reduction.SUM, np.ones(1000, bool), 1, False) == 1000
    assert reduce(Reduction.PROD, np.full(4, 200, "u1"), 1, False) == 200**4


# ------------------------------------------------------------------------------- special values

@pytest.mark.parametrize("place", [0, 1, 40, 99, 600, 999])
@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_is_the_extreme(place, dtype):
    x = np.random.default_rng(0).standard_normal((3, 1000)).astype(dtype)
    x[1, place] = np.nan
    for a, axes in ((x, 2), (x.T, 1), (np.ascontiguousarray(x.T), 1)):
        for op in (Reduction.MAX, Reduction.MIN):
            np.testing.assert_array_equal(
                np.isnan(reduce(op, a, axes, False)), [False, True, False])
        for op in POSITION:
            assert reduce(op, a, axes, False)[1] == place
            assert reduce(op, a, axes, False)[0] == POSITION[op](x[0])
    assert reduce(Reduction.ANY, x, 3, False)
    assert reduce(Reduction.ALL, x, 3, False)


@pytest.mark.parametrize("dtype", DTYPES[1:])
def test_limits_of_the_dtype(dtype):
    info = np.finfo(dtype) if dtype in FLOATS else np.iinfo(dtype)
    low = -np.inf if dtype in FLOATS else info.min
    high = np.inf if dtype in FLOATS else info.max
    for n in (1, 50):
        assert reduce(Reduction.MAX, np.full(n, low, dtype), 1, False) == low
        assert reduce(Reduction.MIN, np.full(n, high, dtype), 1, False) == high
        assert reduce(Reduction.ARGMAX, np.full(n, low, dtype), 1, False) == 0
        assert reduce(Reduction.ARGMIN, np.full(n, high, dtype), 1, False) == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_to_reduce(dtype):
    x = np.ones((0, 3), dtype)
    assert reduce(Reduction.SUM, x, 3, False) == 0
    assert reduce(Reduction.PROD, x, 3, False) == 1
    assert not reduce(Reduction.ANY, x, 3, False)
    assert reduce(Reduction.ALL, x, 3, False)
    np.testing.assert_array_equal(reduce(Reduction.PROD, x, 1, True), [[1, 1, 1]])
    for op in (*NUMPY, *POSITION):
        assert reduce(op, x, 2, False).shape == (0,)


@pytest.mark.parametrize("op", CHOOSING, ids=lambda op: op.name)
def test_nothing_to_choose_from(op):
    message = rf"{op.name.lower()}: axis 1 of an array of shape \(3, 0\) is empty"
    for axes in (2, 3):
        with pytest.raises(RuntimeError, match=message):
            reduce(op, np.ones((3, 0)), axes, False)
    assert reduce(op, np.ones((3, 0)), 1, False).shape == (0,)


# --------------------------------------------------------------------------------------- doors

def test_0d_and_64_axes():
    for op in NUMPY:
        assert reduce(op, np.array(3.0), 0, False).shape == ()
    assert reduce(Reduction.ARGMAX, np.array(3.0), 0, False) == 0
    x = np.arange(8.0).reshape((2,) * 2 + (1,) * 61 + (2,))
    assert reduce(Reduction.SUM, x, 1 << 63, False).shape == x.shape[:63]
    np.testing.assert_array_equal(reduce(Reduction.SUM, x, 1 << 63, False), x.sum(-1))
    assert reduce(Reduction.MAX, x, (1 << 64) - 1, False) == 7


def test_bits_past_the_last_axis_mean_nothing():
    assert reduce(Reduction.SUM, np.ones((2, 3)), (1 << 64) - 1, False) == 6


def test_foreign_byte_order_and_misaligned():
    x = np.arange(6.0).reshape(2, 3)
    packed = np.zeros((2, 3), [("flag", "u1"), ("x", "f8")])["x"]
    packed[...] = x
    for y in (x.astype(">f8"), packed):
        assert reduce(Reduction.SUM, y, 2, False).dtype == "=f8"
        np.testing.assert_array_equal(reduce(Reduction.SUM, y, 2, False), [3, 12])
        np.testing.assert_array_equal(reduce(Reduction.ARGMAX, y, 2, False), [2, 2])


@pytest.mark.parametrize("dtype", ["float16", "complex64", "uint32", "O", "U3"])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(RuntimeError, match=f"sum: not defined for dtype {np.dtype(dtype)}"):
        reduce(Reduction.SUM, np.zeros(3, dtype), 1, False)


def test_odd_arguments_are_refused():
    x = np.ones((2, 3, 4))
    with pytest.raises(ValueError, match="argmax: expected one axis or all of 3, got 2"):
        reduce(Reduction.ARGMAX, x, 3, False)
    with pytest.raises(ValueError, match="Reduction"):
        reduce(8, x, 1, False)
    with pytest.raises(TypeError):
        reduce(Reduction.SUM, None, 1, False)


def test_several_threads_at_once():
    x = np.random.default_rng(0).standard_normal((300, 400))
    once = reduce(Reduction.SUM, x, 1, False)
    results = [None] * 4

    def work(i):
        results[i] = reduce(Reduction.SUM, x, 1, False)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for result in results:
        np.testing.assert_array_equal(result, once)


@pytest.fixture
def threads():
    """Sets the number of threads, and puts it back after the test."""
    before = get_num_threads()
    yield set_num_threads
    set_num_threads(before)


@pytest.mark.parametrize("shape, axes", [
    ((300_007,), (0,)), ((3, 100_003), (0, 1)), ((100_003, 3), (0,)), ((2, 90_001), (1,)),
    ((700, 300), (0,)), ((700, 300), (1,)), ((40, 6, 33, 35), (0, 2, 3)), ((9, 5, 70, 71), (2, 3)),
    ((40, 6, 33, 35), (1,)), ((300, 1100), (0, 1))])
@pytest.mark.parametrize("layout", [lambda x: x, lambda x: x.T, lambda x: x[..., ::-1]],
                         ids=["plain", "transposed", "reversed"])
def test_the_same_bits_on_any_number_of_threads(threads, shape, axes, layout):
    x = layout(np.random.default_rng(0).standard_normal(shape).astype(np.float32))
    if layout(np.empty((1, 2))).shape == (2, 1):
        axes = tuple(len(shape) - 1 - i for i in axes)
    threads(1)
    alone = reduce(Reduction.SUM, x, bits(axes), False)
    exact = x.astype(np.float64).sum(axes)
    np.testing.assert_allclose(alone, exact, rtol=1e-6, atol=1e-6 * np.abs(x).sum(axes).max())
    for n in (2, 3, 4):
        threads(n)
        np.testing.assert_array_equal(reduce(Reduction.SUM, x, bits(axes), False), alone)
