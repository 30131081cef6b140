"""The pooling kernels against plain Python loops and PyTorch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plugrad.plugins.layers import _pool as pool

RTOL = {"float32": 1e-5, "float64": 1e-13}


def numbers(shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def close(y, expected):
    expected = np.asarray(expected)
    assert y.shape == expected.shape
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y, expected, rtol=RTOL[y.dtype.name], atol=RTOL[y.dtype.name])


def input_gradient(function, x, g):
    """PyTorch's dL/dx of a function for dL/dy = g."""
    x = torch.from_numpy(x.copy()).requires_grad_()
    function(x).backward(torch.from_numpy(g.copy()))
    return x.grad.numpy()


def pairs(low, high):
    return st.tuples(*[st.integers(low, high)] * 2)


@st.composite
def images(draw, low=1, high=9):
    """Images of either dtype, stored in any order of axes, with repeated values and NaN."""
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 2)), draw(st.integers(low, high)),
             draw(st.integers(low, 2 * high)))           # rows of more than a vector, too
    order = draw(st.permutations(range(4)))
    x = numbers([shape[i] for i in order], draw(st.sampled_from(list(RTOL))))
    special = draw(st.sampled_from([None, 0.0, np.nan, -np.inf, np.inf]))
    if special is not None:
        x[np.random.default_rng(draw(st.integers(0, 9))).random(x.shape) < 0.3] = special
    return x.transpose(np.argsort(order))[:, :, ::draw(st.sampled_from([1, -1]))]


@st.composite
def sliding(draw):
    """(kernel, stride, padding), padding at most half of the kernel."""
    kernel = draw(pairs(1, 4))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    return kernel, draw(pairs(1, 4)), padding


def positions(size, K, S, P, D, ceil_mode):
    """PyTorch's rule as its documentation has it."""
    count = (size + 2 * P - D * (K - 1) - 1) / S + 1
    count = int(np.ceil(count)) if ceil_mode else int(np.floor(count))
    return count - 1 if ceil_mode and (count - 1) * S >= size + P else count


def naive_max_pool2d(x, kernel, stride, padding, dilation, ceil_mode):
    OH, OW = map(positions, x.shape[2:], kernel, stride, padding, dilation, [ceil_mode] * 2)
    y = np.full((*x.shape[:2], OH, OW), -np.inf, x.dtype)
    at = np.full(y.shape, -1)
    for n, c, i, j in np.ndindex(y.shape):
        for u, v in np.ndindex(*kernel):
            h = i * stride[0] - padding[0] + u * dilation[0]
            w = j * stride[1] - padding[1] + v * dilation[1]
            if 0 <= h < x.shape[2] and 0 <= w < x.shape[3]:
                pixel = x[n, c, h, w]
                if at[n, c, i, j] == -1 or np.isnan(pixel) or pixel > y[n, c, i, j]:
                    y[n, c, i, j], at[n, c, i, j] = pixel, h * x.shape[3] + w
    return y, at


def fits(x, kernel, stride, padding, dilation, ceil_mode):
    return min(map(positions, x.shape[2:], kernel, stride, padding, dilation,
                   [ceil_mode] * 2)) > 0


@settings(deadline=None, max_examples=100)
@given(images(), sliding(), pairs(1, 3), st.booleans())
def test_max_pool2d(x, options, dilation, ceil_mode):
    options = (*options, dilation, ceil_mode)
    assume(fits(x, *options))
    y, at = pool.max_pool2d(x, *options)
    expected, places = naive_max_pool2d(x, *options)
    assert np.array_equal(y, expected, equal_nan=True)
    assert at.dtype == np.int64
    assert np.array_equal(at, places)

    g = numbers(y.shape, y.dtype, 1)
    dx = np.zeros_like(x, order="C")
    for n, c, i, j in np.ndindex(y.shape):
        if at[n, c, i, j] >= 0:
            dx[n, c].flat[at[n, c, i, j]] += g[n, c, i, j]
    close(pool.max_pool2d_backward(g, at, x.shape), dx)
    assert np.array_equal(pool.max_pool2d_gather(x, at), np.where(at >= 0, y, 0), equal_nan=True)

    if (at >= 0).all():                # where it is -1, PyTorch's index is outside of the image
        tx = torch.from_numpy(x.copy())
        ty, tat = F.max_pool2d(tx, *options, return_indices=True)
        assert np.array_equal(y, ty.numpy(), equal_nan=True)
        assert np.array_equal(at, tat.numpy())
        close(dx, input_gradient(lambda x: F.max_pool2d(x, *options), x, g))


def test_a_window_without_a_pixel():
    y, at = pool.max_pool2d(np.ones((1, 1, 1, 3)), (2, 1), (1, 1), (1, 0), (2, 1))
    assert np.array_equal(y, np.full((1, 1, 1, 3), -np.inf))
    assert np.array_equal(at, np.full((1, 1, 1, 3), -1))
    assert np.array_equal(pool.max_pool2d_backward(y, at, (1, 1, 1, 3)), np.zeros((1, 1, 1, 3)))
    assert np.array_equal(pool.max_pool2d_gather(np.ones((1, 1, 1, 3)), at), np.zeros_like(y))


def naive_avg_pool2d(x, kernel, stride, padding, ceil_mode, count_include_pad, divisor):
    OH, OW = map(positions, x.shape[2:], kernel, stride, padding, (1, 1), [ceil_mode] * 2)
    y = np.zeros((*x.shape[:2], OH, OW), x.dtype)
    padded = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    inside = np.pad(np.ones(x.shape[2:]), [(p, p) for p in padding],
                    constant_values=1 if count_include_pad else 0)
    for i, j in np.ndindex(OH, OW):
        window = (slice(i * stride[0], i * stride[0] + kernel[0]),
                  slice(j * stride[1], j * stride[1] + kernel[1]))
        total = padded[(..., *window)].sum(axis=(2, 3))
        y[:, :, i, j] = total / (divisor or inside[window].sum())
    return y


@settings(deadline=None, max_examples=100)
@given(images(), sliding(), st.booleans(), st.booleans(), st.sampled_from([None, None, 1, 7, -3]))
def test_avg_pool2d(x, options, ceil_mode, count_include_pad, divisor):
    assume(fits(x, *options, (1, 1), ceil_mode))
    x = np.nan_to_num(x, posinf=3, neginf=-3)
    options = (*options, ceil_mode, count_include_pad, divisor)
    y = pool.avg_pool2d(x, *options)
    close(y, naive_avg_pool2d(x, *options))
    close(y, F.avg_pool2d(torch.from_numpy(x.copy()), *options))
    g = numbers(y.shape, y.dtype, 1)
    dx = pool.avg_pool2d_backward(g, x.shape, *options)
    close(dx, input_gradient(lambda x: F.avg_pool2d(x, *options), x, g))
    np.testing.assert_allclose((dx * x).sum(), (g * y).sum(), rtol=1e-3, atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(images(), pairs(0, 11))
def test_adaptive_avg_pool2d(x, output_size):
    x = np.nan_to_num(x, posinf=3, neginf=-3)
    y = pool.adaptive_avg_pool2d(x, output_size)
    OH, OW = output_size
    for i, j in np.ndindex(OH, OW):
        window = x[:, :, i * x.shape[2] // OH:-(-(i + 1) * x.shape[2] // OH),
                   j * x.shape[3] // OW:-(-(j + 1) * x.shape[3] // OW)]
        close(y[:, :, i, j], window.mean(axis=(2, 3)))
    close(y, F.adaptive_avg_pool2d(torch.from_numpy(x.copy()), output_size))
    g = numbers(y.shape, y.dtype, 1)
    dx = pool.adaptive_avg_pool2d_backward(g, x.shape)
    if y.size:                                   # PyTorch's backward refuses empty results
        close(dx, input_gradient(lambda x: F.adaptive_avg_pool2d(x, output_size), x, g))
    else:
        assert np.array_equal(dx, np.zeros_like(x, order="C"))


def test_means_let_nan_and_inf_through():
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 0, 0], x[0, 0, 3, 3] = np.nan, np.inf
    expected = np.array([[[[np.nan, 0], [0, np.inf]]]])
    assert np.array_equal(pool.avg_pool2d(x, (2, 2), (2, 2), (0, 0)), expected, equal_nan=True)
    assert np.array_equal(pool.adaptive_avg_pool2d(x, (2, 2)), expected, equal_nan=True)


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_empty_batches(shape):
    x = np.ones(shape, np.float32)
    y, at = pool.max_pool2d(x, (2, 2), (2, 2), (0, 0), (1, 1))
    assert y.shape == at.shape == (*shape[:2], 2, 2)
    assert pool.max_pool2d_backward(y, at, shape).shape == shape
    assert pool.max_pool2d_gather(x, at).shape == y.shape
    assert pool.avg_pool2d(x, (2, 2), (2, 2), (0, 0)).shape == y.shape
    assert pool.avg_pool2d_backward(y, shape, (2, 2), (2, 2), (0, 0)).shape == shape
    assert pool.adaptive_avg_pool2d(x, (2, 2)).shape == y.shape
    assert pool.adaptive_avg_pool2d_backward(y, shape).shape == shape


def test_gradients_and_indices_of_any_strides():
    g, at = numbers((2, 3, 4, 5)), np.arange(120).reshape(2, 3, 4, 5) % 20
    expected = pool.max_pool2d_backward(g, at, (2, 3, 4, 5))
    got = pool.max_pool2d_backward(np.asfortranarray(g), np.asfortranarray(at), (2, 3, 4, 5))
    assert np.array_equal(got, expected)
    assert np.array_equal(pool.max_pool2d_gather(g, np.asfortranarray(at)), g)
    foreign = g.astype(g.dtype.newbyteorder())
    assert np.array_equal(pool.max_pool2d_gather(foreign, at), g)
    shape, options = (2, 3, 8, 10), ((2, 2), (2, 2), (0, 0))
    assert np.array_equal(pool.avg_pool2d_backward(np.asfortranarray(g), shape, *options),
                          pool.avg_pool2d_backward(g, shape, *options))


X = np.ones((2, 3, 4, 4), np.float32)
AT = np.zeros((2, 3, 2, 2), np.int64)


def max_pool(x=X, kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil_mode=False):
    return pool.max_pool2d(x, kernel, stride, padding, dilation, ceil_mode)


def avg_pool(x=X, kernel=(2, 2), stride=(2, 2), padding=(0, 0), **options):
    return pool.avg_pool2d(x, kernel, stride, padding, **options)


@pytest.mark.parametrize("call, error, words", [
    (lambda: max_pool(X[0]), RuntimeError, r"max_pool2d: .*\(N, C, H, W\), got \(3, 4, 4\)"),
    (lambda: max_pool(X.astype(int)), NotImplementedError, "float32 or float64, got int64"),
    (lambda: max_pool(kernel=(5, 2)), RuntimeError, "kernel of 5.*image of 4"),
    (lambda: max_pool(dilation=(1, 4)), RuntimeError, "kernel of 2 with dilation 4.*image of 4"),
    (lambda: max_pool(X[:, :, :0]), RuntimeError, "image of 0"),
    (lambda: max_pool(X[:, :, :0], padding=(1, 1)), RuntimeError, "image of 0"),
    (lambda: max_pool(padding=(0, 2)), ValueError, "half of the kernel; got kernel 2.*padding 2"),
    (lambda: max_pool(padding=(-1, 0)), ValueError, "padding -1"),
    (lambda: max_pool(stride=(0, 1)), ValueError, "stride 0"),
    (lambda: max_pool(kernel=(0, 1)), ValueError, "kernel 0"),
    (lambda: max_pool(dilation=(0, 1)), ValueError, "dilation 0"),
    (lambda: max_pool(None), TypeError, "None"),
    (lambda: avg_pool(X[0]), RuntimeError, r"avg_pool2d: .*\(3, 4, 4\)"),
    (lambda: avg_pool(divisor_override=0), ValueError, "must not be zero"),
    (lambda: avg_pool(padding=(2, 0)), ValueError, "half of the kernel"),
    (lambda: pool.avg_pool2d_backward(X, X.shape, (2, 2), (2, 2), (0, 0)), RuntimeError,
     r"\(2, 3, 2, 2\), got \(2, 3, 4, 4\)"),
    (lambda: pool.max_pool2d_backward(X[:, :, :2, :2], AT.astype("int32"), X.shape), TypeError,
     "int64 indices, got int32"),
    (lambda: pool.max_pool2d_backward(X, AT, X.shape), RuntimeError, r"\(2, 3, 2, 2\), got"),
    (lambda: pool.max_pool2d_backward(X[:1, :, :2, :2], AT, X.shape), RuntimeError, r"got \(1, 3"),
    (lambda: pool.max_pool2d_backward(X[:1, :, :2, :2], AT[:1], X.shape), RuntimeError,
     r"\(2, 3, 2, 2\), got \(1, 3"),
    (lambda: pool.max_pool2d_backward(X[:, :, :2, :2], AT[:1], X.shape), RuntimeError,
     r"\(1, 3, 2, 2\), got \(2, 3"),
    (lambda: pool.max_pool2d_backward(X[:, :, :2, :2], AT + 16, X.shape), IndexError,
     r"index 16 is outside of a plane of 4 \* 4"),
    (lambda: pool.max_pool2d_backward(X[:, :, :2, :2], AT - 2, X.shape), IndexError, "index -2"),
    (lambda: pool.max_pool2d_gather(X, AT + 16), IndexError, "index 16"),
    (lambda: pool.max_pool2d_gather(X, AT - 2), IndexError, "index -2"),
    (lambda: pool.max_pool2d_gather(X[:1], AT), RuntimeError, r"\(1, 3, 4, 4\), got \(2, 3, 2, 2"),
    (lambda: pool.adaptive_avg_pool2d(X, (-1, 2)), ValueError, r"got \(-1, 2\)"),
    (lambda: pool.adaptive_avg_pool2d(X[:, :, :0], (2, 2)), RuntimeError, r"\(2, 3, 0, 4\)"),
    (lambda: pool.adaptive_avg_pool2d_backward(X, X[:1].shape), RuntimeError,
     r"\(1, 3, 4, 4\), got \(2, 3"),
])
def test_wrong_input(call, error, words):
    with pytest.raises(error, match=words):
        call()
