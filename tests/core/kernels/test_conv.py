"""conv2d, unfold and fold against their naive twins and PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plugrad.kernels import naive
from plugrad.kernels.base.buffers import memory_stats, reset_peak_memory_stats
from plugrad.kernels.conv.conv2d import conv2d_forward, conv2d_grad_input, conv2d_grad_weight
from plugrad.kernels.conv.windows import fold, unfold

RTOL = {"float32": 2e-5, "float64": 1e-12}


def numbers(shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def close(y, expected, dtype):
    assert y.shape == tuple(expected.shape)
    assert y.dtype == dtype
    scale = max(1, np.abs(expected).max()) if y.size else 1
    np.testing.assert_allclose(y, expected, rtol=RTOL[dtype], atol=RTOL[dtype] * scale)


def torch_conv2d(x, w, g, *options):
    x, w = (torch.from_numpy(a.copy()).requires_grad_() for a in (x, w))
    stride, padding, dilation, groups = options
    y = torch.nn.functional.conv2d(x, w, None, stride, padding, dilation, groups)
    y.backward(torch.from_numpy(g.copy()))
    return y.detach().numpy(), x.grad.numpy(), w.grad.numpy()


def check_conv2d(x, w, *options, reference=torch_conv2d):
    """All three kernels; options are stride, padding, dilation, groups."""
    dtype = x.dtype.name
    y = conv2d_forward(x, w, *options)
    g = numbers(y.shape, dtype, 3)
    expected_y, expected_dx, expected_dw = reference(x, w, g, *options)
    close(y, expected_y, dtype)
    close(conv2d_grad_input(g, w, x.shape, *options), expected_dx, dtype)
    close(conv2d_grad_weight(x, g, w.shape, *options), expected_dw, dtype)


def naive_conv2d(x, w, g, *options):
    return (naive.conv2d_forward(x, w, *options),
            naive.conv2d_grad_input(g, w, x.shape, *options),
            naive.conv2d_grad_weight(x, g, w.shape, *options))


pairs = {name: st.tuples(*[st.integers(low, high)] * 2)
         for name, low, high in [("kernel", 1, 4), ("stride", 1, 3), ("padding", 0, 4),
                                 ("dilation", 1, 3)]}
pairs["image"] = st.tuples(st.integers(1, 9), st.integers(1, 40))


@st.composite
def geometries(draw):
    """(image, kernel, stride, padding, dilation) that leave at least one window."""
    image, kernel, stride, padding, dilation = (
        draw(pairs[name]) for name in ("image", "kernel", "stride", "padding", "dilation"))
    assume(all(n + 2 * p > d * (k - 1)
               for n, k, p, d in zip(image, kernel, padding, dilation)))
    return image, kernel, stride, padding, dilation


def shuffled(x, order, steps):
    """x's values with its axes stored in another order, some of them backwards."""
    order = np.argsort(order)
    backwards = tuple(slice(None, None, step) for step in steps)
    return np.ascontiguousarray(x[backwards].transpose(order)).transpose(np.argsort(order))[
        backwards]


@settings(deadline=None, max_examples=60)
@given(geometries(), st.integers(0, 3), st.integers(1, 3), st.integers(1, 2), st.integers(1, 3),
       st.sampled_from(list(RTOL)), st.permutations(range(4)),
       st.tuples(*[st.sampled_from([1, -1])] * 4))
def test_conv2d_is_its_naive_twin_and_pytorch(geometry, N, C, O, groups, dtype, order, steps):
    image, kernel, *options = geometry
    x = shuffled(numbers((N, C * groups, *image), dtype, 1), order, steps)
    w = shuffled(numbers((O * groups, C, *kernel), dtype, 2), order, steps)
    check_conv2d(x, w, *options, groups, reference=naive_conv2d)
    check_conv2d(x, w, *options, groups)


@settings(deadline=None, max_examples=150)
@given(geometries(), st.integers(1, 3), st.integers(1, 30), st.integers(1, 40), st.integers(1, 2),
       st.sampled_from(list(RTOL)), st.permutations(range(4)))
def test_conv2d_of_many_channels(geometry, N, C, O, groups, dtype, order):
    """Vectors of filters instead of windows, sums that go row by row of the filters."""
    image, kernel, *options = geometry
    x = shuffled(numbers((N, C * groups, *image), dtype, 1), order, (1, 1, 1, 1))
    w = shuffled(numbers((O * groups, C, *kernel), dtype, 2), order, (1, 1, 1, 1))
    check_conv2d(x, w, *options, groups)


@settings(deadline=None, max_examples=100)
@given(geometries(), st.integers(1, 10), st.integers(1, 40), st.sampled_from(list(RTOL)),
       st.permutations(range(4)), st.tuples(*[st.sampled_from([1, -1])] * 4))
def test_depthwise_conv2d(geometry, N, groups, dtype, order, steps):
    image, kernel, *options = geometry
    x = shuffled(numbers((N, groups, *image), dtype, 1), order, steps)
    w = shuffled(numbers((groups, 1, *kernel), dtype, 2), order, steps)
    check_conv2d(x, w, *options, groups)


# Images whose columns exceed the 2**18 elements that are laid out at once: several blocks of output
# rows, a last block that is smaller, and a single row that is already too large.
@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("x, w, options", [
    ((2, 16, 50, 50), (4, 16, 3, 3), ((1, 1), (1, 1), (1, 1), 1)),
    ((1, 16, 63, 61), (6, 8, 3, 3), ((2, 1), (0, 2), (1, 2), 2)),
    ((1, 64, 3, 700), (2, 64, 3, 3), ((1, 1), (1, 0), (1, 1), 1)),
    ((3, 1, 28, 28), (6, 1, 5, 5), ((1, 1), (2, 2), (1, 1), 1)),
    ((2, 8, 9, 9), (8, 1, 3, 3), ((1, 1), (1, 1), (1, 1), 8)),
    ((2, 40, 5, 5), (30, 40, 1, 1), ((2, 2), (0, 0), (1, 1), 1)),
    ((1, 20, 120, 70), (20, 1, 3, 3), ((1, 1), (1, 1), (1, 1), 20)),
    ((1, 20, 150, 90), (20, 1, 5, 3), ((2, 3), (1, 2), (2, 1), 20)),
    ((2, 40, 40, 60), (40, 40, 3, 3), ((2, 2), (1, 1), (1, 1), 1)),
])
def test_conv2d_in_blocks(x, w, options, dtype):
    check_conv2d(numbers(x, dtype, 1), numbers(w, dtype, 2), *options)


def test_the_column_matrix_stays_small():
    """The columns of the whole image would be 92 MB."""
    x, w = np.zeros((1, 64, 200, 200), np.float32), np.zeros((1, 64, 3, 3), np.float32)
    options = ((1, 1), (1, 1), (1, 1), 1)
    g = np.zeros((1, 1, 200, 200), np.float32)
    for run in (lambda: conv2d_forward(x, w, *options),
                lambda: conv2d_grad_input(g, w, x.shape, *options),
                lambda: conv2d_grad_weight(x, g, w.shape, *options)):
        reset_peak_memory_stats()
        before = memory_stats()["peak"]
        result = run()
        assert memory_stats()["peak"] - before < 1.25 * result.nbytes + 4e6
        del result


def test_constant_gradients_with_zero_strides():
    x, w = numbers((2, 3, 6, 6), seed=1), numbers((4, 3, 3, 3), seed=2)
    options = ((1, 1), (1, 1), (1, 1), 1)
    g = np.broadcast_to(np.float32(1.5), (2, 4, 6, 6))
    _, dx, dw = torch_conv2d(x, w, g, *options)
    close(conv2d_grad_input(g, w, x.shape, *options), dx, "float32")
    close(conv2d_grad_weight(x, g, w.shape, *options), dw, "float32")


@pytest.mark.parametrize("x, w", [
    ((0, 3, 5, 5), (4, 3, 3, 3)), ((2, 3, 5, 5), (0, 3, 3, 3)), ((2, 0, 5, 5), (4, 0, 3, 3))])
def test_empty_conv2d(x, w):
    x, w = np.ones(x, np.float32), np.ones(w, np.float32)
    options = ((1, 1), (0, 0), (1, 1), 1)
    g = np.ones((len(x), len(w), 3, 3), np.float32)
    for got, like in [(conv2d_forward(x, w, *options), g),
                      (conv2d_grad_input(g, w, x.shape, *options), x),
                      (conv2d_grad_weight(x, g, w.shape, *options), w)]:
        assert np.array_equal(got, np.zeros_like(like))


def test_an_image_of_nothing_but_padding():
    x, w = np.ones((2, 1, 0, 4)), np.ones((1, 1, 2, 2))
    options = ((1, 1), (1, 0), (1, 1), 1)
    y = conv2d_forward(x, w, *options)
    assert np.array_equal(y, np.zeros((2, 1, 1, 3)))
    assert conv2d_grad_input(y, w, x.shape, *options).shape == x.shape
    assert np.array_equal(conv2d_grad_weight(x, y, w.shape, *options), np.zeros_like(w))


def test_nan_and_inf_propagate():
    x, w = np.zeros((1, 1, 5, 5)), np.zeros((1, 1, 3, 3))
    x[0, 0, 0, 0] = np.inf
    y = conv2d_forward(x, w, (1, 1), (1, 1), (1, 1), 1)    # inf * 0 is nan
    assert np.isnan(y[0, 0, :2, :2]).all()
    assert np.isnan(y).sum() == 4


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 6), st.integers(1, 20), st.integers(1, 3), st.integers(0, 2),
       st.sampled_from(list(RTOL)), st.randoms(use_true_random=False))
def test_inf_reaches_the_filters_that_saw_it(H, W, K, P, dtype, random):
    assume(min(H, W) + 2 * P >= K)
    x = numbers((2, 2, H, W), dtype, 1)
    x[random.randrange(2), 0, random.randrange(H), random.randrange(W)] = np.inf
    g = numbers((2, 3, H + 2 * P - K + 1, W + 2 * P - K + 1), dtype, 2)
    if P == 0 and random.random() < 0.5:             # under a padding it would meet zeros
        x = numbers(x.shape, dtype, 1)
        g[random.randrange(2), 0, random.randrange(g.shape[2]),
          random.randrange(g.shape[3])] = np.inf
    options = ((1, 1), (P, P), (1, 1), 1)
    expected = naive.conv2d_grad_weight(x, g, (3, 2, K, K), *options)
    dw = conv2d_grad_weight(x, g, (3, 2, K, K), *options)
    finite = np.isfinite(expected)
    assert np.array_equal(np.isfinite(dw), finite)
    np.testing.assert_allclose(dw[finite], expected[finite], rtol=1e-3, atol=1e-3)


@settings(deadline=None, max_examples=150)
@given(geometries(), st.integers(0, 3), st.integers(1, 3), st.sampled_from(list(RTOL)),
       st.permutations(range(4)), st.tuples(*[st.sampled_from([1, -1])] * 4))
def test_unfold_and_fold(geometry, N, C, dtype, order, steps):
    image, kernel, stride, padding, dilation = geometry
    options = (kernel, dilation, padding, stride)
    x = shuffled(numbers((N, C, *image), dtype), order, steps)
    cols = unfold(x, *options)
    assert np.array_equal(cols, naive.unfold(x, *options))
    cols = numbers(cols.shape, dtype, 4)
    folded = fold(cols, image, *options)
    close(folded, naive.fold(cols, image, *options), dtype)
    assert np.array_equal(fold(np.asfortranarray(cols), image, *options), folded)
    if N:
        x, cols = torch.from_numpy(x.copy()), torch.from_numpy(cols)
        assert np.array_equal(unfold(x.numpy(), *options),
                              torch.nn.functional.unfold(x, *options).numpy())
        close(folded, torch.nn.functional.fold(cols, image, *options).numpy(), dtype)


def test_empty_unfold_and_fold():
    options = ((2, 2), (1, 1), (0, 0), (1, 1))
    assert unfold(np.ones((0, 2, 3, 3)), *options).shape == (0, 8, 4)
    assert unfold(np.ones((2, 0, 3, 3)), *options).shape == (2, 0, 4)
    assert fold(np.ones((0, 8, 4)), (3, 3), *options).shape == (0, 2, 3, 3)
    assert fold(np.ones((2, 0, 4)), (3, 3), *options).shape == (2, 0, 3, 3)


X, W, G = np.ones((2, 4, 5, 5)), np.ones((6, 2, 3, 3)), np.ones((2, 6, 3, 3))
USUAL = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 2}


def forward(x=X, w=W, **options):
    return conv2d_forward(x, w, **{**USUAL, **options})


@pytest.mark.parametrize("call, error, words", [
    (lambda: forward(groups=1), RuntimeError, r"x \(2, 4, 5, 5\), weight \(6, 2, 3, 3\), groups 1"),
    (lambda: forward(x=X[0]), RuntimeError, r"x \(N, C, H, W\).*\(4, 5, 5\)"),
    (lambda: forward(w=W[0]), RuntimeError, r"weight \(2, 3, 3\)"),
    (lambda: forward(w=W[:5]), RuntimeError, "multiple of groups.*groups 2"),
    (lambda: forward(w=W.astype("float32")), RuntimeError, "one dtype, got float64.*float32"),
    (lambda: forward(x=X.astype(int), w=W.astype(int)), NotImplementedError, "got int64"),
    (lambda: forward(x=X[:, :, :2]), RuntimeError, r"kernel of \(3, 3\).*image of \(2, 5\)"),
    (lambda: forward(dilation=(1, 3)), RuntimeError, r"dilation \(1, 3\) does not fit"),
    (lambda: forward(groups=0), ValueError, "at least one group, got 0"),
    (lambda: forward(stride=(0, 1)), ValueError, r"stride of at least 1, got \(0, 1\)"),
    (lambda: forward(padding=(0, -1)), ValueError, r"padding of at least 0, got \(0, -1\)"),
    (lambda: forward(dilation=(0, 1)), ValueError, r"dilation of at least 1, got \(0, 1\)"),
    (lambda: forward(w=W[:, :, :0]), ValueError, r"kernel size of at least 1, got \(0, 3\)"),
    (lambda: forward(stride=1), TypeError, "stride as a pair of integers, got 1"),
    (lambda: forward(stride=(1, 1, 1)), TypeError, r"pair of integers, got \(1, 1, 1\)"),
    (lambda: forward(stride=(1.5, 1)), TypeError, r"pair of integers, got \(1.5, 1\)"),
    (lambda: forward(x=None), TypeError, "None"),
    (lambda: conv2d_grad_input(G[:, :, 1:], W, X.shape, **USUAL), RuntimeError,
     r"gradient of the result's shape, \(2, 6, 3, 3\), got \(2, 6, 2, 3\)"),
    (lambda: conv2d_grad_weight(X, G[:1], W.shape, **USUAL), RuntimeError,
     r"\(2, 6, 3, 3\), got \(1, 6, 3, 3\)"),
    (lambda: conv2d_grad_input(G.astype("float32"), W, X.shape, **USUAL), RuntimeError, "float32"),
    (lambda: conv2d_grad_weight(X, G.astype("float32"), W.shape, **USUAL), RuntimeError, "float32"),
    (lambda: unfold(X[0], (1, 1), (1, 1), (0, 0), (1, 1)), RuntimeError, r"\(N, C, H, W\).*4, 5"),
    (lambda: unfold(X.astype(int), (1, 1), (1, 1), (0, 0), (1, 1)), NotImplementedError, "int64"),
    (lambda: unfold(X, (6, 1), (1, 1), (0, 0), (1, 1)), RuntimeError, r"unfold: .*\(6, 1\)"),
    (lambda: fold(np.ones((1, 8, 5)), (3, 3), (2, 2), (1, 1), (0, 0), (1, 1)), RuntimeError,
     r"\(N, C \* 4, 4\) for an output of \(3, 3\), got \(1, 8, 5\)"),
    (lambda: fold(np.ones((1, 7, 4)), (3, 3), (2, 2), (1, 1), (0, 0), (1, 1)), RuntimeError,
     r"got \(1, 7, 4\)"),
    (lambda: fold(np.ones((8, 4)), (3, 3), (2, 2), (1, 1), (0, 0), (1, 1)), RuntimeError,
     r"got \(8, 4\)"),
])
def test_wrong_input(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", list(RTOL))
@pytest.mark.parametrize("O, groups", [(1, 1), (6, 1), (7, 1), (16, 2), (40, 1), (60, 60)])
def test_bias_is_added_to_every_window(O, groups, dtype):
    """Filters in tiles of all heights, and more taps than are summed at once."""
    x, w = numbers((2, 60, 7, 9), dtype), numbers((O, 60 // groups, 3, 3), dtype, 1)
    bias = numbers((O,), dtype, 2)
    options = (1, 1), (1, 0), (1, 1), groups
    y = conv2d_forward(x, w, *options)
    close(conv2d_forward(x, w, *options, bias), y + bias.reshape(-1, 1, 1), dtype)


def test_a_bias_that_does_not_fit():
    x, w = np.ones((1, 1, 3, 3)), np.ones((2, 1, 3, 3))
    for bias in (np.ones(3), np.ones((2, 1)), np.ones(2, np.float32)):
        with pytest.raises(RuntimeError, match="conv2d: expected"):
            conv2d_forward(x, w, (1, 1), (0, 0), (1, 1), 1, bias)


@pytest.mark.parametrize("dtype", list(RTOL))
def test_a_stride_that_steps_over_the_image(dtype):
    """Every tap sees padding, and some columns of the stride have no pixel at all."""
    x, w = numbers((1, 2, 1, 1), dtype), numbers((2, 1, 1, 2), dtype, 1)
    check_conv2d(x, w, (1, 3), (0, 1), (1, 2), 2)
