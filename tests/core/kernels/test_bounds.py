"""No kernel reads or writes beside its arrays: each lies against a page of memory that must not be
touched, once before it and once behind it.  A kernel that does is ended by the system."""

import ctypes
import mmap
import os

import numpy as np
import pytest
from plugrad.kernels.conv.conv2d import conv2d_forward, conv2d_grad_input, conv2d_grad_weight
from plugrad.kernels.matmul.gemm import gemm, matmul
from plugrad.kernels.rows.softmax import Form, softmax
from plugrad.plugins.layers import _pool as pool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs mprotect, which Windows has not")

PAGE = mmap.PAGESIZE
UNTOUCHABLE, TOUCHABLE = 0, mmap.PROT_READ | mmap.PROT_WRITE
SIZES = [1, 5, 8, 15, 16, 17, 28, 33]            # around vectors of 4, 8 and 16


@pytest.fixture(params=["behind", "before"])
def wall(request):
    """A function that copies an array to where a page begins, or ends, that must not be touched."""
    walls = []
    mprotect = ctypes.CDLL(None, use_errno=True).mprotect
    mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int

    def protect(address, mode):
        assert mprotect(address, PAGE, mode) == 0, os.strerror(ctypes.get_errno())
        walls.append(address)

    def build(a):
        a = np.ascontiguousarray(a)
        room = -(-a.nbytes // PAGE) * PAGE
        memory = np.frombuffer(mmap.mmap(-1, room + 2 * PAGE), np.uint8)
        protect(memory.ctypes.data, UNTOUCHABLE)
        protect(memory.ctypes.data + PAGE + room, UNTOUCHABLE)
        start = PAGE if request.param == "before" else PAGE + room - a.nbytes
        copy = memory[start:start + a.nbytes].view(a.dtype).reshape(a.shape)
        copy[...] = a
        return copy

    yield build
    for address in walls:
        mprotect(address, PAGE, TOUCHABLE)


def numbers(*shape, dtype="float32"):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("m", SIZES)
def test_products(wall, m, n, dtype):
    k = 37
    a, b = numbers(m, k, dtype=dtype), numbers(k, n, dtype=dtype)
    out = wall(np.zeros((m, n), dtype))
    gemm(wall(a), wall(b), out)
    np.testing.assert_allclose(out, a @ b, rtol=1e-4, atol=1e-4)
    gemm(wall(a.T).T, wall(b.T).T, out, accumulate=True)
    np.testing.assert_allclose(out, 2 * (a @ b), rtol=1e-4, atol=1e-4)
    start = numbers(n, dtype=dtype)
    y = matmul(wall(a), wall(b), wall(start))
    np.testing.assert_allclose(y, start + a @ b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels, filters, groups", [
    (1, 1, 1), (3, 7, 1), (2, 16, 1), (3, 17, 1), (16, 9, 1), (4, 6, 2), (17, 17, 17)])
@pytest.mark.parametrize("size", SIZES[1:])
def test_convolutions(wall, size, channels, filters, groups, stride, padding):
    options = (stride, stride), (padding, padding), (1, 1), groups
    x, w = numbers(2, channels, size, size), numbers(filters, channels // groups, 3, 3)
    y = conv2d_forward(x, w, *options)
    g = numbers(*y.shape)
    assert np.array_equal(conv2d_forward(wall(x), wall(w), *options), y)
    dx = conv2d_grad_input(wall(g), wall(w), x.shape, *options)
    assert np.array_equal(dx, conv2d_grad_input(g, w, x.shape, *options))
    dw = conv2d_grad_weight(wall(x), wall(g), w.shape, *options)
    assert np.array_equal(dw, conv2d_grad_weight(x, g, w.shape, *options))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel, stride, padding", [(2, 2, 0), (3, 2, 1), (3, 3, 0), (2, 1, 1)])
@pytest.mark.parametrize("size", SIZES[1:])
def test_pooling(wall, size, kernel, stride, padding, dtype):
    options = (kernel, kernel), (stride, stride), (padding, padding)
    x = numbers(2, 3, size, size, dtype=dtype)
    y = pool.avg_pool2d(x, *options)
    assert np.array_equal(pool.avg_pool2d(wall(x), *options), y)
    dx = pool.avg_pool2d_backward(wall(y), x.shape, *options)
    assert np.array_equal(dx, pool.avg_pool2d_backward(y, x.shape, *options))
    values, places = pool.max_pool2d(x, *options, (1, 1))
    found = pool.max_pool2d(wall(x), *options, (1, 1))
    assert np.array_equal(found[0], values)
    assert np.array_equal(found[1], places)
    dx = pool.max_pool2d_backward(wall(values), wall(places), x.shape)
    assert np.array_equal(dx, pool.max_pool2d_backward(values, places, x.shape))


@pytest.mark.parametrize("size", SIZES)
def test_softmax(wall, size):
    x = numbers(3, size)
    assert np.array_equal(softmax(Form.PLAIN, wall(x), 1), softmax(Form.PLAIN, x, 1))
