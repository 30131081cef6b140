"""Result dtypes: every pair of dtypes × (tensor, 0-d tensor, Python number) as PyTorch has them."""

import operator
import warnings

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import assert_close

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")
NUMBERS = (True, 2, -1, 2.5)
OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow",
             "eq", "ne", "lt", "le", "gt", "ge", "and_", "or_", "xor")
FUNCTIONS = ("maximum", "minimum")


def operands(lib, dtype):
    """One array and one 0-d tensor of the dtype."""
    return [lib.tensor([1, 0, 3], dtype=getattr(lib, dtype)),
            lib.tensor(2, dtype=getattr(lib, dtype))]


def short(dtype):
    return str(dtype).rpartition(".")[2]


def answer(lib, fn, make_a, make_b):
    """(dtype, values), or None where the library refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            y = fn(make_a(lib), make_b(lib))
        except (RuntimeError, TypeError, NotImplementedError):
            return None
    return short(y.dtype), y.numpy()


def compare(fn, make_a, make_b, what):
    expected = answer(torch, fn, make_a, make_b)
    if expected is None:
        return 0
    got = answer(pg, fn, make_a, make_b)
    assert got is not None, f"{what}: refused, expected {expected[0]}"
    assert got[0] == expected[0], f"{what}: {got[0]}, expected {expected[0]}"
    assert_close(got[1], expected[1], what=what)
    return 1


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_operators_between_tensors(name):
    compared = 0
    for a in DTYPES:
        for b in DTYPES:
            for i in (0, 1):
                for j in (0, 1):
                    # PyTorch divides integers by an integer zero by raising; nobody needs that.
                    if name in ("floordiv", "mod") and j == 0:
                        continue
                    compared += compare(
                        getattr(operator, name), lambda lib, a=a, i=i: operands(lib, a)[i],
                        lambda lib, b=b, j=j: operands(lib, b)[j], f"{name} {a}[{i}] {b}[{j}]")
    assert compared >= 30


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_with_numbers_on_either_side(name):
    compared = 0
    for a in DTYPES:
        for number in NUMBERS:
            for i in (0, 1):
                if (name, a) == ("pow", "bool"):      # powers of truth values are nobody's need
                    continue
                make = lambda lib, a=a, i=i: operands(lib, a)[i]  # noqa: E731
                compared += compare(getattr(operator, name), make, lambda lib, n=number: n,
                                    f"{name} {a}[{i}] {number!r}")
                if name not in ("floordiv", "mod"):
                    compared += compare(getattr(operator, name), lambda lib, n=number: n, make,
                                        f"{name} {number!r} {a}[{i}]")
    assert compared >= 10


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_two(name):
    for a in DTYPES:
        for b in DTYPES:
            for i in (0, 1):
                expected = getattr(torch, name)(operands(torch, a)[i], operands(torch, b)[1])
                got = getattr(pg, name)(operands(pg, a)[i], operands(pg, b)[1])
                assert short(got.dtype) == short(expected.dtype), (a, b, i)


def test_where_cat_and_stack_promote():
    for a in DTYPES:
        for b in DTYPES:
            for lib, seen in ((torch, expected := []), (pg, got := [])):
                p, q = operands(lib, a), operands(lib, b)
                seen += [short(y.dtype) for y in (
                    lib.where(lib.tensor([True, False, True]), p[0], q[1]),
                    lib.where(lib.tensor([True, False, True]), p[1], q[0]),
                    lib.where(lib.tensor(True), p[0], 2.5),
                    lib.where(lib.tensor(True), 2, q[0]),
                    lib.cat([p[0], q[0]]), lib.stack([p[0], q[0]]))]
            assert got == expected, (a, b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["exp", "sqrt", "sigmoid", "sin", "sum", "prod", "cumsum", "abs",
                                  "neg", "all", "argmax", "relu", "sign", "mean", "softmax"])
def test_functions_of_one(name, dtype):
    args = (0,) if name in ("cumsum", "softmax") else ()
    try:
        expected = getattr(operands(torch, dtype)[0], name)(*args)
    except RuntimeError:
        if name in ("mean", "softmax"):     # a mean of integers would have to be cut
            with pytest.raises(RuntimeError, match=dtype):
                getattr(operands(pg, dtype)[0], name)(*args)
    else:
        assert short(getattr(operands(pg, dtype)[0], name)(*args).dtype) == short(expected.dtype)


@pytest.mark.parametrize("target", DTYPES)
@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("name", ["add_", "mul_", "div_"])
def test_in_place_keeps_the_dtype_or_refuses(name, target, source):
    """A result that the target cannot hold (a float in an int tensor) is refused, not cut."""
    a, b = operands(torch, target)[0], operands(torch, source)[1]
    mine, other = operands(pg, target)[0], operands(pg, source)[1]
    try:
        getattr(a, name)(b)
    except RuntimeError:
        with pytest.raises(RuntimeError, match=r"\w{4,}"):
            getattr(mine, name)(other)
        np.testing.assert_array_equal(mine.numpy(), operands(pg, target)[0].numpy())
    else:
        getattr(mine, name)(other)
        assert_close(mine.numpy(), a.numpy())


def test_two_bools_cannot_be_subtracted():
    a, b = pg.tensor([True, False]), pg.tensor([True, True])
    with pytest.raises(RuntimeError, match="bool"):
        a - b


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_wrap_around(dtype):
    limit = np.iinfo(dtype).max
    for lib in (torch, pg):
        y = lib.tensor([limit], dtype=getattr(lib, dtype)) + 1
        assert y.item() == np.iinfo(dtype).min


@pytest.mark.parametrize("a, b", [("float32", "float64"), ("float64", "float32")])
def test_gradients_keep_the_dtype_of_their_input(a, b):
    x = pg.ones(3, dtype=getattr(pg, a), requires_grad=True)
    y = pg.ones(3, dtype=getattr(pg, b), requires_grad=True)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (x.dtype, y.dtype)


def test_casts_cut_as_pytorch_cuts():
    values = [-1.9, -0.5, 0.0, 0.5, 1.9, 300.7]
    for dtype in ("int32", "int64", "bool", "float32"):
        expected = torch.tensor(values, dtype=torch.float64).to(getattr(torch, dtype))
        got = pg.tensor(values, dtype=pg.float64).to(getattr(pg, dtype))
        np.testing.assert_array_equal(got.numpy(), expected.numpy())


def test_dtype_objects():
    assert str(pg.float32) == repr(pg.float32) == f"{pg.__name__}.float32"
    assert pg.float32.is_floating_point and not pg.int64.is_floating_point
    assert [getattr(pg, d).itemsize for d in DTYPES] == [4, 8, 4, 8, 1, 1]
    assert pg.float is pg.float32 and pg.double is pg.float64
    assert pg.long is pg.int64 and pg.int is pg.int32
    assert isinstance(pg.bool, pg.dtype)


def test_default_dtype():
    assert pg.get_default_dtype() is pg.float32
    assert pg.tensor(1.5).dtype is pg.float32
    try:
        pg.set_default_dtype(pg.float64)
        assert pg.tensor(1.5).dtype is pg.zeros(2).dtype is pg.float64
        assert (pg.tensor([1, 2]) / 2).dtype is pg.float64
        assert (pg.tensor([1, 2]) * 1.5).dtype is pg.float64
        assert pg.arange(3).dtype is pg.int64
    finally:
        pg.set_default_dtype(pg.float32)
    assert pg.ones(2).dtype is pg.float32
