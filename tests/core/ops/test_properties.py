"""Shapes, axes and options that nobody thought of: drawn at random, compared with PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from .harness import run
from .specs import laid_out
from .test_ops import assert_close, assert_same_gradients, assert_same_seconds

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
SOLID = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
LAYOUTS = st.sampled_from(["plain", "T", "step"])
often = settings(deadline=None, max_examples=60)


# One element has no deviation, and both libraries say so.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def array(shape, seed, layout="plain", positive=False):
    drawn = np.random.default_rng(seed).standard_normal(shape)
    drawn = np.abs(drawn) + 0.5 if positive else drawn
    return laid_out(np.asarray(drawn), layout if drawn.ndim else "plain")


def spread(shape, seed, layout):
    """No two are closer than 1: a standard deviation of nearly 0 has no accurate derivatives."""
    drawn = np.random.default_rng(seed).permutation(int(np.prod(shape)))
    return laid_out(drawn.reshape(shape).astype(float), layout)


def agree(call, *arrays, seed=0):
    """Values, gradients and second gradients; what PyTorch refuses, plugrad refuses, too."""
    try:
        expected = run(torch, call, list(arrays), seed)
    except (RuntimeError, IndexError):
        with pytest.raises((RuntimeError, IndexError), match=r"\w{3,}"):
            run(pg, call, list(arrays), seed)
        return
    got = run(pg, call, list(arrays), seed)
    for mine, theirs in zip(got.values, expected.values, strict=True):
        assert_close(mine, theirs)
    assert got.differentiable == expected.differentiable
    assert_same_gradients(got.first, expected.first, "gradient of input")
    assert_same_seconds(got.second, expected.second)


BINARY = {
    "add": lambda lib, a, b: a + b, "sub": lambda lib, a, b: a - b, "mul": lambda lib, a, b: a * b,
    "div": lambda lib, a, b: a / b, "pow": lambda lib, a, b: a ** b,
    "maximum": lambda lib, a, b: lib.maximum(a, b), "remainder": lambda lib, a, b: a % b,
    "where": lambda lib, a, b: lib.where(a > b, a, b), "lt": lambda lib, a, b: a < b,
}


@pytest.mark.parametrize("name", BINARY)
@given(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4), LAYOUTS, LAYOUTS,
       st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_broadcasting(name, shapes, la, lb, seed):
    a, b = shapes.input_shapes
    agree(BINARY[name], array(a, seed, la, positive=True), array(b, seed + 1, lb, positive=True))


@given(SHAPES, SHAPES, st.integers(0, 99))
@often
def test_any_two_shapes_broadcast_or_are_refused(a, b, seed):
    agree(BINARY["mul"], array(a, seed), array(b, seed + 1))


REDUCTIONS = ["sum", "mean", "amax", "amin", "logsumexp", "norm"]


@pytest.mark.parametrize("name", [*REDUCTIONS, "var", "std"])
@given(st.data())
@settings(deadline=None, max_examples=25)
def test_reductions_over_any_axes(name, data):
    shape = data.draw(SOLID if name in ("var", "std", "amax", "amin", "norm") else SHAPES)
    n = len(shape)
    axes = data.draw(st.lists(st.integers(-n, n - 1), unique_by=lambda a: a % n, min_size=1,
                              max_size=min(n, 2))) if n else [0]
    keepdim = data.draw(st.booleans())
    options = {"correction": data.draw(st.integers(0, 1))} if name in ("var", "std") else {}
    make = spread if name == "std" else array
    agree(lambda lib, x: getattr(x, name)(dim=tuple(axes), keepdim=keepdim, **options),
          make(shape, data.draw(st.integers(0, 99)), data.draw(LAYOUTS)))


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "cumsum", "softmax",
                                  "argmax", "sort", "all", "log_softmax", "logsumexp"])
@given(SOLID, st.integers(-5, 5), LAYOUTS, st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_one_axis_or_refused(name, shape, dim, layout, seed):
    agree(lambda lib, x: getattr(x, name)(dim=dim), array(shape, seed, layout))


@given(SHAPES, st.data())
@often
def test_permute_and_transpose(shape, data):
    order = data.draw(st.permutations(range(len(shape))))
    signed = [o - len(shape) * data.draw(st.booleans()) for o in order]
    agree(lambda lib, x: x.permute(signed), array(shape, 1, data.draw(LAYOUTS)))
    i, j = data.draw(st.tuples(st.integers(-5, 4), st.integers(-5, 4)))
    agree(lambda lib, x: x.transpose(i, j), array(shape, 2))


@given(SOLID, st.data())
@often
def test_reshape_and_view(shape, data):
    size = int(np.prod(shape))
    target, left = [], size
    while left > 1 and len(target) < 4:
        d = data.draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0]))
        target.append(d)
        left //= d
    target.append(left)
    if data.draw(st.booleans()):
        target[data.draw(st.integers(0, len(target) - 1))] = -1
    x = array(shape, 3, data.draw(LAYOUTS))
    agree(lambda lib, x: x.reshape(target), x)
    agree(lambda lib, x: x.view(target), x)
    agree(lambda lib, x: x.T.view(target) if x.ndim == 2 else x.view(*target), x)


@given(SOLID, st.data())
@often
def test_expand_and_repeat(shape, data):
    ones = tuple(1 if data.draw(st.booleans()) else n for n in shape)
    front = data.draw(st.lists(st.integers(0, 3), max_size=2))
    kept = [-1 if data.draw(st.booleans()) and o == n else n
            for o, n in zip(ones, shape, strict=True)]
    agree(lambda lib, x: x.expand(*front, *kept), array(ones, 4))
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(ones), max_size=len(ones) + 1))
    agree(lambda lib, x: x.repeat(times), array(ones, 5))


@given(SOLID, st.data())
@often
def test_cat_split_flip_and_roll(shape, data):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    n = shape[dim]
    cut = data.draw(st.integers(0, n))
    x = array(shape, 6, data.draw(LAYOUTS))
    agree(lambda lib, x: lib.cat(x.split([cut, n - cut], dim)[::-1], dim), x)
    agree(lambda lib, x: x.chunk(cut + 1, dim), x)
    agree(lambda lib, x: x.roll(cut - 2, dim), x)
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    agree(lambda lib, x: x.flip(axes), x)


@given(mutually_broadcastable_shapes(signature="(m,k),(k,n)->(m,n)", min_side=0, max_side=4,
                                     max_dims=2), LAYOUTS, LAYOUTS, st.integers(0, 99))
@often
def test_matmul_of_batches(shapes, la, lb, seed):
    a, b = shapes.input_shapes
    agree(lambda lib, a, b: a @ b, array(a, seed, la), array(b, seed + 1, lb))


@given(SHAPES, SHAPES, st.integers(0, 99))
@often
def test_matmul_of_any_two_shapes_or_refused(a, b, seed):
    agree(lambda lib, a, b: a @ b, array(a, seed), array(b, seed + 1))


@given(st.data())
@often
def test_einsum(data):
    letters = data.draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
    sizes = dict(zip("abc", (2, 3, 4), strict=True))
    terms = [data.draw(st.permutations(letters))[:data.draw(st.integers(1, len(letters)))]
             for _ in range(data.draw(st.integers(1, 3)))]
    used = sorted({c for t in terms for c in t})
    out = data.draw(st.permutations(used))[:data.draw(st.integers(0, len(used)))]
    equation = ",".join(map("".join, terms)) + "->" + "".join(out)
    agree(lambda lib, *xs: lib.einsum(equation, *xs),
          *(array([sizes[c] for c in t], i) for i, t in enumerate(terms)))


@given(st.data())
@often
def test_conv2d(data):
    draw = data.draw
    small = st.integers(1, 3)
    groups, n, c, o = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(small), draw(small)
    kernel = draw(small), draw(small)
    options = {"stride": (draw(small), draw(small)), "dilation": (draw(small), draw(small)),
               "padding": (draw(st.integers(0, 2)), draw(st.integers(0, 2))), "groups": groups}
    x = array((n, c * groups, draw(st.integers(3, 8)), draw(st.integers(3, 8))), 7, draw(LAYOUTS))
    w = array((o * groups, c, *kernel), 8, draw(LAYOUTS))
    agree(lambda lib, x, w, b: lib.nn.functional.conv2d(x, w, b, **options),
          x, w, array((o * groups,), 9))


@given(st.data())
@often
def test_fold_is_the_transpose_of_unfold(data):
    draw = data.draw
    small = st.integers(1, 3)
    options = {"kernel_size": (draw(small), draw(small)), "stride": (draw(small), draw(small)),
               "padding": (draw(st.integers(0, 1)), draw(st.integers(0, 1))),
               "dilation": (draw(st.integers(1, 2)), draw(st.integers(1, 2)))}
    size = draw(st.integers(4, 7)), draw(st.integers(4, 7))

    def there_and_back(lib, x):
        columns = lib.nn.functional.unfold(x, **options)
        return columns, lib.nn.functional.fold(columns, size, **options)

    agree(there_and_back, array((draw(small), draw(small), *size), 10, draw(LAYOUTS)))


@given(SOLID, st.lists(st.integers(-1, 2), max_size=6), st.floats(-2, 2))
@often
def test_pad(shape, padding, value):
    agree(lambda lib, x: lib.nn.functional.pad(x, padding, value=value), array(shape, 11))
