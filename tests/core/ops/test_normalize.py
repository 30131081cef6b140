"""Batch and layer normalization: gradients of gradients, large means, odd shapes and threads."""

import os
import subprocess
import sys

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.kernels.base import cpu
from plugrad.nn import functional as F
from plugrad.testing import gradcheck, gradgradcheck

from ...tolerances import GRADIENT, VALUE, assert_close

SHAPES = [(4, 3), (4, 1), (4, 3, 1), (2, 3, 40), (1, 3, 5), (3, 2, 5, 7), (2, 1, 70, 70)]


def numbers(*shape, dtype="float64", seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def batch_norm(lib, x, w, b, training):
    stats = [lib.zeros(x.shape[1], dtype=x.dtype), lib.ones(x.shape[1], dtype=x.dtype) * 2]
    return lib.nn.functional.batch_norm(x, *stats, w, b, training)


def layer_norm(lib, x, w, b, dims):
    return lib.nn.functional.layer_norm(x, x.shape[-dims:], w, b)


def outcome(lib, function, arrays, option):
    """The value, the gradients, and the gradients of their sum of squares."""
    x, w, b = [a if a is None else lib.from_numpy(a).requires_grad_() for a in arrays]
    inputs = [t for t in (x, w, b) if t is not None]
    y = function(lib, x, w, b, option)
    first = lib.autograd.grad((y * y.sin()).sum(), inputs, create_graph=True)
    second = lib.autograd.grad(sum((g * g).sum() for g in first), inputs)
    return [t.detach().numpy() for t in (y, *first, *second)]


def compare(function, arrays, option):
    found = outcome(pg, function, arrays, option)
    for i, (got, expected) in enumerate(zip(found, outcome(torch, function, arrays, option),
                                            strict=True)):
        scale = max(1.0, float(np.abs(expected).max()))
        assert got.dtype == expected.dtype
        assert_close(got / expected.dtype.type(scale), expected / expected.dtype.type(scale),
                     VALUE if i == 0 else GRADIENT)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", ["wb", "w", ""])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_is_pytorchs(shape, affine, training, dtype):
    w, b = [numbers(shape[1], dtype=dtype, seed=i) if name in affine else None
            for i, name in enumerate("wb")]
    compare(batch_norm, (numbers(*shape, dtype=dtype), w, b), training)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("affine", ["wb", "w", ""])      # PyTorch fails at second "b"
@pytest.mark.parametrize("shape, dims", [((5, 33), 1), ((3, 4, 5), 2), ((300, 40), 1), ((7,), 1),
                                         ((2, 5000), 1)])
def test_layer_norm_is_pytorchs(shape, dims, affine, dtype):
    w, b = [numbers(*shape[-dims:], dtype=dtype, seed=i) if name in affine else None
            for i, name in enumerate("wb")]
    compare(layer_norm, (numbers(*shape, dtype=dtype), w, b), dims)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_gradients(training):
    inputs = [pg.from_numpy(numbers(*s)).requires_grad_() for s in ((4, 3, 5), (3,), (3,))]
    for function in (lambda x, w, b: batch_norm(pg, x, w, b, training),
                     lambda x, w, b: F.layer_norm(x.mT, (3,), w, b)):
        assert gradcheck(function, inputs)
        assert gradgradcheck(function, inputs)


@pytest.mark.parametrize("shape", [(64, 3, 16, 16), (3, 4, 5000), (500, 3)])
def test_a_large_mean_costs_no_accuracy(shape):
    x = (numbers(*shape) + 1e4).astype("float32")
    exact = x.astype("float64")
    dims = (0, *range(2, x.ndim))
    expected = (exact - exact.mean(dims, keepdims=True)) / np.sqrt(
        exact.var(dims, keepdims=True) + 1e-5)
    got = F.batch_norm(pg.from_numpy(x), None, None, training=True).numpy()
    np.testing.assert_allclose(got, expected, rtol=0, atol=3e-6)
    rows = exact.reshape(len(x), -1)
    expected = ((rows - rows.mean(1, keepdims=True))
                / np.sqrt(rows.var(1, keepdims=True) + 1e-5)).astype("float32")
    got = F.layer_norm(pg.from_numpy(x.reshape(rows.shape)), rows.shape[1:]).numpy()
    np.testing.assert_allclose(got, expected, rtol=0, atol=2e-5)


def test_a_shift_without_a_scale():
    x, b = pg.from_numpy(numbers(4, 33)), pg.from_numpy(numbers(33)).requires_grad_()
    y = F.layer_norm(x, (33,), None, b)
    assert_close(y.detach().numpy(), (F.layer_norm(x, (33,)) + b).detach().numpy())
    assert gradgradcheck(lambda x, b: F.layer_norm(x, (33,), None, b), [x.requires_grad_(), b])


def test_any_strides():
    x = pg.from_numpy(numbers(4, 6, 5, 3))
    for view in (x.permute(0, 3, 1, 2), x[:, ::2], x.permute(3, 2, 1, 0), x[..., :1]):
        for function, option in ((batch_norm, True), (batch_norm, False), (layer_norm, 2)):
            got = function(pg, view, None, None, option)
            expected = function(pg, pg.from_numpy(view.numpy().copy()), None, None, option)
            np.testing.assert_array_equal(got.numpy(), expected.numpy())


@pytest.mark.parametrize("threads", [2, 4])
def test_any_number_of_threads_gives_the_same_bits(threads):
    before = pg.get_num_threads()
    arrays = [numbers(*s, dtype="float32") for s in ((16, 8, 32, 32), (8,), (8,))]
    rows = [numbers(*s, dtype="float32") for s in ((900, 128), (128,), (128,))]
    try:
        found = []
        for n in (1, threads):
            pg.set_num_threads(n)
            found.append(outcome(pg, batch_norm, arrays, True) + outcome(pg, layer_norm, rows, 1))
    finally:
        pg.set_num_threads(before)
    for one, many in zip(*found, strict=True):
        np.testing.assert_array_equal(one, many)


SCRIPT = """
import numpy as np, plugrad as pg
from plugrad.nn import functional as F
x = np.random.default_rng(0).standard_normal((5, 3, 77)).astype("f") + 100
y = F.batch_norm(pg.from_numpy(x), None, None, training=True).numpy()
z = x.astype("d")
z = (z - z.mean((0, 2), keepdims=True)) / np.sqrt(z.var((0, 2), keepdims=True) + 1e-5)
print(abs(y - z).max() < 3e-6)
"""


@pytest.mark.parametrize("isa", cpu.instruction_sets())
def test_every_instruction_set(isa):
    found = subprocess.run([sys.executable, "-c", SCRIPT], env={**os.environ, "PLUGRAD_ISA": isa},
                           capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == "True"


@pytest.mark.parametrize("shape", [(0, 3, 4), (0, 3)])
def test_an_empty_batch(shape):
    x = pg.zeros(shape, requires_grad=True)
    w = pg.ones(3, requires_grad=True)
    y = F.batch_norm(x, None, None, w, training=True)
    y.sum().backward()
    assert tuple(y.shape) == tuple(x.grad.shape) == shape
    assert w.grad.tolist() == [0, 0, 0]
    assert tuple(F.layer_norm(x, shape[-1:]).shape) == shape
