"""gemm and matmul against their naive twin, NumPy and PyTorch."""

import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from plugrad.kernels import naive
from plugrad.kernels.matmul.gemm import gemm, matmul

RTOL = {"float32": 1e-5, "float64": 1e-13}
FLOATS = list(RTOL)
LAYOUTS = ["rows", "columns", "reversed", "every second", "one row repeated", "misaligned",
           "foreign byte order", "read-only"]


def numbers(shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def lay_out(x, layout):
    """x's values (but for "one row repeated") with other strides."""
    if layout == "columns":
        return np.asfortranarray(x)
    if layout == "reversed":
        return x[::-1, ::-1].copy()[::-1, ::-1]
    if layout == "every second":
        return np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2]
    if layout == "one row repeated":
        return np.broadcast_to(x[:1], x.shape)
    if layout == "misaligned":
        y = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
        y[...] = x
        return y
    if layout == "foreign byte order":
        return x.astype(x.dtype.newbyteorder())
    y = x.copy()
    y.flags.writeable = layout != "read-only"
    return y


def check(y, expected, k, dtype):
    """Sums of k products of standard normal numbers agree to rounding."""
    assert y.shape == expected.shape
    assert y.dtype == dtype
    np.testing.assert_allclose(y, expected, rtol=0, atol=RTOL[dtype] * (1 + k) ** 0.5 * 4)


@settings(deadline=None, max_examples=200)
@given(st.tuples(*[st.integers(0, 40)] * 3), st.sampled_from(FLOATS),
       st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS))
def test_gemm_is_its_naive_twin(sizes, dtype, layout_a, layout_b):
    m, k, n = sizes
    a = lay_out(numbers((m, k), dtype, 1), layout_a)
    b = lay_out(numbers((k, n), dtype, 2), layout_b)
    native = np.dtype(dtype)
    check(gemm(a, b), naive.gemm(a.astype(native), b.astype(native)), k, dtype)


# One less and one more than: a tile (4 x 8, 4 x 4), the packed blocks (MC 128, NC 1024, KC 256).
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, k, n", [
    *((m, 5, 9) for m in (3, 4, 5, 127, 128, 129, 257)),
    *((65, k, 33) for k in (1, 255, 256, 257, 513)),
    *((33, 70, n) for n in (3, 4, 5, 7, 8, 9, 1023, 1024, 1025, 2049)),
    (129, 257, 1025), (1, 700, 1), (1, 300, 1030), (300, 300, 1)])
def test_block_edges(m, k, n, dtype):
    a, b = numbers((m, k), dtype, 1), numbers((k, n), dtype, 2)
    check(gemm(a, b), naive.gemm(a, b), k, dtype)
    check(gemm(b.T, a.T), naive.gemm(a, b).T, k, dtype)
    check(gemm(a, b), (torch.from_numpy(a) @ torch.from_numpy(b)).numpy(), k, dtype)


@pytest.mark.parametrize("size", [3, 20, 300])
def test_memory_layout_and_neighbors_change_no_bit(size):
    a, b = numbers((size, size), seed=1), numbers((size, size), seed=2)
    y = gemm(a, b)
    assert np.array_equal(gemm(np.asfortranarray(a), np.asfortranarray(b)), y)
    if size > 4:
        assert np.array_equal(gemm(a[:-1], b[:, :-1]), y[:-1, :-1])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, k, n", [(2, 3, 4), (20, 9, 17), (130, 270, 40), (3, 0, 5)])
@pytest.mark.parametrize("accumulate", [False, True])
def test_out(m, k, n, dtype, accumulate):
    a, b = numbers((m, k), dtype, 1), numbers((k, n), dtype, 2)
    for out in (numbers((m, n), dtype, 3), numbers((n, m), dtype, 3).T,
                numbers((m, 2 * n), dtype, 3)[::-1, ::-2]):
        expected = naive.gemm(a, b) + (out if accumulate else 0)
        assert gemm(a, b, out, accumulate) is out
        check(out, expected, k, dtype)


@pytest.mark.parametrize("door", [gemm, matmul])
def test_empty(door):
    assert np.array_equal(door(np.ones((3, 0)), np.ones((0, 4))), np.zeros((3, 4)))
    assert door(np.ones((0, 3)), np.ones((3, 4))).shape == (0, 4)
    assert door(np.ones((3, 3)), np.ones((3, 0))).shape == (3, 0)
    assert door(np.ones((0, 0)), np.ones((0, 0))).shape == (0, 0)


@pytest.mark.parametrize("size", [3, 20, 300])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_inf_propagate(size, value):
    a, b = numbers((size, size)), np.zeros((size, size), np.float32)
    a[1, size - 1] = value
    y = gemm(a, b)                                    # inf * 0 is nan
    assert np.isnan(y[1]).all()
    assert np.isfinite(np.delete(y, 1, axis=0)).all()
    y = gemm(b.T, a)
    assert np.isnan(y[:, size - 1]).all()
    assert np.isfinite(y[:, :size - 1]).all()


BATCHES = [((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((3,), ()), ((), (3,)), ((2, 1), (1, 3)),
           ((4, 1, 2), (3, 1)), ((0,), (1,)), ((1,), (0,)), ((2, 0), (2, 1)), ((1, 1, 1), (2,))]


@pytest.mark.parametrize("dtype", [*FLOATS, "int32", "int64", "uint8"])
@pytest.mark.parametrize("batch_a, batch_b", BATCHES)
@pytest.mark.parametrize("m, k, n", [(2, 3, 4), (1, 5, 2), (17, 33, 30), (3, 0, 2), (0, 2, 3)])
def test_matmul_broadcasts_as_numpy_does(m, k, n, batch_a, batch_b, dtype):
    a = (10 * numbers((*batch_a, m, k), seed=1)).astype(np.int64).astype(dtype)
    b = (10 * numbers((*batch_b, k, n), seed=2)).astype(np.int64).astype(dtype)
    for x, y in ((a, b), (np.flip(a), np.flip(b)), (np.asfortranarray(a), np.asfortranarray(b))):
        z = matmul(x, y)
        assert z.dtype == dtype
        assert np.array_equal(z, np.matmul(x, y))     # small whole numbers: exact in every dtype


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_matmul_of_any_strides(data):
    ndim = data.draw(st.integers(2, 5))
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=ndim + 1, max_size=ndim + 1))
    *batch, m, k, n = sizes

    def operand(shape):
        order = data.draw(st.permutations(range(len(shape))))
        x = numbers([shape[i] for i in order], "float64").transpose(np.argsort(order))
        if data.draw(st.booleans()):
            x = x[tuple(slice(None, None, data.draw(st.sampled_from([1, -1]))) for _ in shape)]
        axis = data.draw(st.integers(0, len(shape) - 1))
        if axis < len(batch) and shape[axis] and data.draw(st.booleans()):
            first = np.take(x, [0], axis)
            x = first if data.draw(st.booleans()) else np.broadcast_to(first, shape)
        return x

    a, b = operand((*batch, m, k)), operand((*batch, k, n))
    check(matmul(a, b), np.matmul(a, b), k, "float64")


@pytest.mark.parametrize("m", [1, 6])
def test_folded_rows_are_the_same_product(m):
    a, b = numbers((5, 2, m, 7)), numbers((7, 9))
    y = matmul(a, b)
    for i in np.ndindex(5, 2):
        assert np.array_equal(y[i], gemm(a[i], b))
    assert np.array_equal(matmul(a[::2, ::-1], b), y[::2, ::-1])


def test_large_batches_and_blocks():
    a, b = numbers((3, 1, 70, 300)), numbers((2, 300, 90))
    check(matmul(a, b), np.matmul(a, b), 300, "float32")


def test_integers_wrap():
    a = np.full((2, 3), 2**31 - 1, np.int32)
    assert np.array_equal(matmul(a, a.T), np.matmul(a, a.T))
    a = np.full((2, 3), 2**63 - 1, np.int64)
    assert np.array_equal(matmul(a, a.T), np.matmul(a, a.T))


def test_both_names_of_a_64_bit_integer():
    a = np.arange(6).reshape(2, 3)
    assert np.array_equal(matmul(a.astype(np.longlong), a.T), a @ a.T)


def test_two_threads_at_once():
    a, b = numbers((200, 300)), numbers((300, 200))
    expected, results = gemm(a, b), []
    workers = [threading.Thread(target=lambda: results.append(gemm(a, b))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 8
    assert all(np.array_equal(y, expected) for y in results)


ONE = np.ones((2, 3), np.float32)


@pytest.mark.parametrize("call, error, words", [
    (lambda: gemm(ONE, ONE), RuntimeError, r"gemm: .*\(m, k\).*\(2, 3\) and \(2, 3\)"),
    (lambda: gemm(ONE[0], ONE.T), RuntimeError, r"gemm: .*\(3,\) and \(3, 2\)"),
    (lambda: gemm(ONE, ONE.T.astype("float64")), RuntimeError, "one dtype, got float32.*float64"),
    (lambda: gemm(ONE.astype(int), ONE.T.astype(int)), NotImplementedError, "got int64"),
    (lambda: gemm(ONE, ONE.T, ONE), RuntimeError, r"out of shape \(2, 2\).*\(2, 3\)"),
    (lambda: gemm(ONE, ONE.T, np.ones((2, 2))), RuntimeError, "the dtype of a and b.*float64"),
    (lambda: gemm(ONE, ONE.T, lay_out(ONE[:, :2], "read-only")), ValueError, "writeable"),
    (lambda: gemm(ONE, ONE.T, accumulate=True), ValueError, "pass out"),
    (lambda: gemm([[1.0]], ONE), TypeError, "list"),
    (lambda: gemm(None, ONE), TypeError, "None"),
    (lambda: matmul(ONE[0], ONE.T), RuntimeError, r"matmul: .*\(3,\) and \(3, 2\)"),
    (lambda: matmul(ONE, ONE), RuntimeError, r"\(\.\.\., m, k\).*\(2, 3\) and \(2, 3\)"),
    (lambda: matmul(np.ones((2, 1, 3)), np.ones((4, 3, 1))), RuntimeError,
     r"batch dimensions.*\(2, 1, 3\) and \(4, 3, 1\)"),
    (lambda: matmul(ONE, ONE.T.astype(int)), RuntimeError, "float32.*int64"),
    (lambda: matmul(ONE.astype(bool), ONE.T.astype(bool)), NotImplementedError, "got bool"),
    (lambda: matmul(ONE.astype("int16"), ONE.T.astype("int16")), NotImplementedError, "got int16"),
    (lambda: matmul(ONE.astype(complex), ONE.T.astype(complex)), NotImplementedError, "complex"),
    (lambda: matmul(ONE, None), TypeError, "None"),
])
def test_wrong_input(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, k, n", [(2, 3, 4), (1, 1, 1), (100, 16, 16), (20, 300, 1030),
                                     (5, 0, 9)])
def test_start_is_added_to_every_row(m, k, n, dtype):
    a, b, start = numbers((m, k), dtype, 1), numbers((k, n), dtype, 2), numbers((n,), dtype, 3)
    check(matmul(a, b, start), naive.gemm(a, b) + start, k, dtype)
    check(matmul(a, b, np.repeat(start, 2)[::2]), naive.gemm(a, b) + start, k, dtype)


@pytest.mark.parametrize("start", [np.ones(3, np.float32), np.ones(4), np.ones((1, 4), np.float32)])
def test_a_start_that_does_not_fit(start):
    with pytest.raises(RuntimeError, match=r"matmul: expected start of shape \(4,\)"):
        matmul(np.ones((2, 3), np.float32), np.ones((3, 4), np.float32), start)
