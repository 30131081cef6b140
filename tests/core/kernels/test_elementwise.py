"""The elementwise kernels against NumPy and PyTorch: every operation, every dtype, any strides."""

import math
import re
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from plugrad.kernels.base.threads import get_num_threads, set_num_threads
from plugrad.kernels.elementwise.door import Binary, Unary, binary, unary, where

FLOATS = ["float32", "float64"]
INTEGERS = ["uint8", "int32", "int64"]
NUMBERS = INTEGERS + FLOATS
ALL = ["bool", *NUMBERS]

erf = np.vectorize(math.erf, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])


def in_torch(function):
    return lambda x: function(torch.from_numpy(x)).numpy()



# operation: NumPy's function, PyTorch's function, dtypes, units in the last place allowed
UNARY = {
    Unary.NEG: (np.negative, torch.neg, NUMBERS, 0),
    Unary.ABS: (np.abs, torch.abs, NUMBERS, 0),
    Unary.SIGN: (lambda x: x if x.dtype == bool else np.where(np.isnan(x), 0, np.sign(x)),
                 torch.sign, ALL, 0),
    Unary.SQUARE: (np.square, torch.square, NUMBERS, 0),
    Unary.RELU: (lambda x: np.where(x < 0, 0, x), torch.relu, NUMBERS, 0),
    Unary.FLOOR: (np.floor, torch.floor, NUMBERS, 0),
    Unary.CEIL: (np.ceil, torch.ceil, NUMBERS, 0),
    Unary.ROUND: (np.round, torch.round, NUMBERS, 0),
    Unary.TRUNC: (np.trunc, torch.trunc, NUMBERS, 0),
    Unary.RECIPROCAL: (lambda x: 1 / x, torch.reciprocal, FLOATS, 0),
    Unary.SQRT: (np.sqrt, torch.sqrt, FLOATS, 0),
    Unary.RSQRT: (lambda x: 1 / np.sqrt(x), torch.rsqrt, FLOATS, 1),
    Unary.EXP: (np.exp, torch.exp, FLOATS, 2),
    Unary.EXP2: (np.exp2, torch.exp2, FLOATS, 2),
    Unary.EXPM1: (np.expm1, torch.expm1, FLOATS, 2),
    Unary.LOG: (np.log, torch.log, FLOATS, 2),
    Unary.LOG1P: (np.log1p, torch.log1p, FLOATS, 2),
    Unary.LOG2: (np.log2, torch.log2, FLOATS, 2),
    Unary.LOG10: (np.log10, torch.log10, FLOATS, 2),
    Unary.SIN: (np.sin, torch.sin, FLOATS, 2),
    Unary.COS: (np.cos, torch.cos, FLOATS, 2),
    Unary.TAN: (np.tan, torch.tan, FLOATS, 2),
    Unary.ASIN: (np.arcsin, torch.asin, FLOATS, 2),
    Unary.ACOS: (np.arccos, torch.acos, FLOATS, 2),
    Unary.ATAN: (np.arctan, torch.atan, FLOATS, 2),
    Unary.SINH: (np.sinh, torch.sinh, FLOATS, 2),
    Unary.COSH: (np.cosh, torch.cosh, FLOATS, 2),
    Unary.TANH: (np.tanh, torch.tanh, FLOATS, 2),
    Unary.ASINH: (np.arcsinh, torch.asinh, FLOATS, 4),
    Unary.ACOSH: (np.arccosh, torch.acosh, FLOATS, 2),
    Unary.ATANH: (np.arctanh, torch.atanh, FLOATS, 2),
    Unary.SIGMOID: (lambda x: np.where(x < 0, np.exp(x), 1) / (1 + np.exp(-np.abs(x))),
                    torch.sigmoid, FLOATS, 4),
    Unary.ERF: (erf, torch.erf, FLOATS, 2),
    Unary.ERFC: (erfc, torch.erfc, FLOATS, 8),
    Unary.ERFINV: (in_torch(torch.erfinv), torch.erfinv, FLOATS, 8),
    Unary.LGAMMA: (in_torch(torch.lgamma), torch.lgamma, FLOATS, 8),
}
BINARY = {
    Binary.ADD: (np.add, torch.add, ALL, 0),
    Binary.SUB: (np.subtract, torch.sub, NUMBERS, 0),
    Binary.MUL: (np.multiply, torch.mul, ALL, 0),
    Binary.DIV: (np.true_divide, torch.true_divide, FLOATS, 0),
    Binary.FLOOR_DIV: (np.floor_divide, torch.floor_divide, NUMBERS, 0),
    Binary.REMAINDER: (np.remainder, torch.remainder, NUMBERS, 0),
    Binary.FMOD: (np.fmod, torch.fmod, NUMBERS, 0),
    Binary.POW: (np.power, torch.pow, NUMBERS, 2),
    Binary.MAXIMUM: (np.maximum, torch.maximum, ALL, 0),
    Binary.MINIMUM: (np.minimum, torch.minimum, ALL, 0),
    Binary.ATAN2: (np.arctan2, torch.atan2, FLOATS, 2),
    Binary.HYPOT: (np.hypot, torch.hypot, FLOATS, 2),
    Binary.LOGADDEXP: (np.logaddexp, torch.logaddexp, FLOATS, 2),
    Binary.GCD: (np.gcd, torch.gcd, INTEGERS, 0),
    Binary.EQ: (np.equal, torch.eq, ALL, 0),
    Binary.NE: (np.not_equal, torch.ne, ALL, 0),
    Binary.LT: (np.less, torch.lt, ALL, 0),
    Binary.LE: (np.less_equal, torch.le, ALL, 0),
    Binary.GT: (np.greater, torch.gt, ALL, 0),
    Binary.GE: (np.greater_equal, torch.ge, ALL, 0),
    Binary.AND: (np.bitwise_and, torch.bitwise_and, ["bool", *INTEGERS], 0),
    Binary.OR: (np.bitwise_or, torch.bitwise_or, ["bool", *INTEGERS], 0),
    Binary.XOR: (np.bitwise_xor, torch.bitwise_xor, ["bool", *INTEGERS], 0),
}
DIVISIONS = [Binary.FLOOR_DIV, Binary.REMAINDER, Binary.FMOD]


def grid(table, supported=True):
    """Every (operation, dtype) that is in the table, or every one that is not."""
    return [pytest.param(op, dtype, id=f"{op.name}-{dtype}") for op in table for dtype in ALL
            if (dtype in table[op][2]) == supported]


def values(dtype, n=2000):
    """The dtype's special values, then random ones."""
    g = np.random.default_rng(0)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return g.random(n) < 0.5
    if dtype.kind != "f":
        info = np.iinfo(dtype)
        special = [0, 1, 2, 7, info.max - 1, info.max, info.min, info.min + 1]
        special += [-1, -2, -7] if info.min < 0 else []
        return np.r_[special, g.integers(-100 if info.min < 0 else 0, 100, n)].astype(dtype)
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    special = [np.nan, np.inf, -np.inf, 0, -0.0, 1, -1, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2, 3, -2]
    special += [tiny, -tiny, huge, -huge, 88, -88, -103, 710, -745, 1e-4, 1e6]
    return np.r_[special, g.standard_normal(n) * 10.0 ** g.integers(-4, 4, n)].astype(dtype)


def pairs(op, dtype):
    """Operands of op: all pairs of special values, and random ones."""
    x = values(dtype)
    a, b = np.r_[np.repeat(x[:30], 30), x], np.r_[np.tile(x[:30], 30), x[::-1]]
    if x.dtype.kind in "iu" and op in DIVISIONS:
        b[b == 0] = 3
    if x.dtype.kind in "iu" and op == Binary.POW:
        b[b < 0] = 5
    return a, b


def ulps(x, y):
    """The greatest distance of x and y in units in the last place; NaN is where NaN is."""
    assert x.dtype == y.dtype
    assert x.shape == y.shape
    if x.dtype.kind != "f":
        return 0 if np.array_equal(x, y) else math.inf
    if not np.array_equal(np.isnan(x), np.isnan(y)):
        return math.inf
    order = f"i{x.itemsize}"
    i, j = (np.where(np.isnan(z), 0, z).view(order) for z in (x, y))
    i, j = (np.where(k < 0, np.iinfo(order).min - k, k).astype(object) for k in (i, j))
    return max(abs(i - j), default=0)


@pytest.mark.parametrize(("op", "dtype"), grid(UNARY))
def test_unary_is_numpys(op, dtype):
    x = values(dtype)
    with np.errstate(all="ignore"):                 # in float64, which is better than NumPy's own
        expected = UNARY[op][0](x if x.dtype.kind != "f" else x.astype("f8")).astype(dtype)
    assert ulps(unary(op, x), expected) <= UNARY[op][3]


@pytest.mark.parametrize(("op", "dtype"), grid(UNARY))
def test_unary_is_pytorchs(op, dtype):
    x = values(dtype)
    if op in (Unary.SINH, Unary.COSH):
        x = x[np.abs(x) < np.log(np.finfo(dtype).max)]      # beyond, PyTorch overflows early
    expected = UNARY[op][1](torch.tensor(x)).numpy()
    np.testing.assert_allclose(unary(op, x), expected, rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize(("op", "dtype"), grid(BINARY))
def test_binary_is_numpys(op, dtype):
    a, b = pairs(op, dtype)
    with np.errstate(all="ignore"):
        expected = BINARY[op][0](a, b)
    assert ulps(binary(op, a, b), expected) <= BINARY[op][3]


@pytest.mark.parametrize(("op", "dtype"), grid(BINARY))
def test_binary_is_pytorchs(op, dtype):
    a, b = pairs(op, dtype)
    if op == Binary.FLOOR_DIV and dtype in INTEGERS:
        a[a == np.iinfo(dtype).min] += 1                    # min // -1 stops PyTorch
    if op in (Binary.REMAINDER, Binary.FMOD) and dtype in FLOATS:
        exact = np.abs(a) / 1e6 < np.abs(b)                 # PyTorch says NaN for huge quotients
        a, b = a[exact], b[exact]
    if op == Binary.GCD and dtype != "uint8":
        a, b = (np.maximum(z, np.iinfo(dtype).min + 1) for z in (a, b))     # PyTorch's is negative
    expected = BINARY[op][1](torch.tensor(a), torch.tensor(b)).numpy()
    np.testing.assert_allclose(binary(op, a, b), expected, rtol=1e-5, atol=1e-37)


@pytest.mark.parametrize(("op", "dtype"), grid(UNARY, supported=False))
def test_unary_refuses_a_dtype(op, dtype):
    with pytest.raises(RuntimeError, match="bool" if dtype == "bool" else f"{op.name.lower()}.*"):
        unary(op, np.ones(3, dtype))


@pytest.mark.parametrize(("op", "dtype"), grid(BINARY, supported=False))
def test_binary_refuses_a_dtype(op, dtype):
    with pytest.raises(RuntimeError, match=f"{op.name.lower()}: .*{dtype}"):
        binary(op, np.ones(3, dtype), np.ones(3, dtype))


@pytest.mark.parametrize("dtype", ALL)
def test_where_is_numpys(dtype):
    x = values(dtype)
    condition = values("bool", len(x))[:len(x)]
    np.testing.assert_array_equal(where(condition, x, x[::-1]), np.where(condition, x, x[::-1]))


@pytest.mark.parametrize("op", [Unary.RELU, Unary.ROUND, Unary.NEG, Unary.SQRT, Unary.TANH,
                                Unary.SINH, Unary.ASINH, Unary.ATAN, Unary.ERFINV])
def test_sign_of_zero_is_kept(op):
    x = np.array([-0.0, 0.0])
    negative = [False, True] if op == Unary.NEG else [True, False]
    np.testing.assert_array_equal(np.signbit(unary(op, x)), negative)


@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_keeps_its_digits_at_both_ends(dtype):
    x = np.array([-100, -50, -20, 20, 50, 1e30, -1e30], dtype)
    y = unary(Unary.SIGMOID, x)
    expected = [math.exp(v) / (1 + math.exp(v)) if v < 0 else 1 / (1 + math.exp(-v)) for v in x]
    np.testing.assert_allclose(y, np.array(expected, dtype), rtol=1e-6, atol=0)


# -------------------------------------------------------------------------------------- strides

@st.composite
def laid_out(draw, shape, dtype):
    """An array of that shape, transposed, reversed, with gaps or repeated, of small numbers."""
    steps = [draw(st.sampled_from([1, 1, 1, -1, 2, -3, 0])) for _ in shape]
    order = draw(st.permutations(range(len(shape))))
    memory = [max(1, shape[i] * abs(steps[i]) if steps[i] else 1) for i in order]
    x = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 9, memory).astype(dtype)
    x = x.transpose(np.argsort(order)) if shape else x
    x = x[tuple(slice(None, None, s or 1) for s in steps)]
    x = x[tuple(slice(0, n) for n in shape)]
    return np.broadcast_to(x, shape)


@st.composite
def operands(draw, count):
    shapes = draw(hnp.mutually_broadcastable_shapes(
        num_shapes=count, max_dims=6, max_side=draw(st.sampled_from([3, 3, 9])), min_side=0))
    dtype = draw(st.sampled_from(NUMBERS))
    return [draw(laid_out(shape, dtype)) for shape in shapes.input_shapes]


@settings(deadline=None, max_examples=300)
@given(operands(2))
def test_binary_takes_any_strides(ab):
    a, b = ab
    np.testing.assert_array_equal(binary(Binary.SUB, a, b), a - b, strict=True)
    np.testing.assert_array_equal(binary(Binary.LT, a, b), a < b, strict=True)


@settings(deadline=None, max_examples=200)
@given(operands(1))
def test_unary_takes_any_strides(a):
    np.testing.assert_array_equal(unary(Unary.SQUARE, a[0]), np.square(a[0]), strict=True)


@settings(deadline=None, max_examples=200)
@given(operands(3))
def test_where_takes_any_strides(abc):
    condition, a, b = np.asarray(abc[0] > 4), *abc[1:]
    expected = np.where(condition, a, b)
    np.testing.assert_array_equal(where(condition, a, b), expected, strict=True)


@pytest.mark.parametrize("shape", [(70, 700), (700, 3), (3, 700), (2, 40, 600), (33, 17, 65)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_rows_longer_and_shorter_than_the_scratch_buffer(shape, dtype):
    x = np.random.default_rng(0).integers(0, 9, shape).astype(dtype)
    for a in (x, x.T, x[::-1], x[..., ::2], np.swapaxes(x, 0, -1)[::-1]):
        copy = np.ascontiguousarray(a)
        for b in (a, copy, copy[:1], copy[..., :1], copy[..., -1:, :], copy[::-1], copy[0]):
            np.testing.assert_array_equal(binary(Binary.MUL, a, b), a * b)


def test_64_axes():
    x = np.arange(8.0).reshape((2,) * 3 + (1,) * 61)
    expected = (x + x.T).shape
    assert binary(Binary.ADD, x, x.T).shape == expected
    np.testing.assert_array_equal(binary(Binary.ADD, x, x.T), x + x.T)
    np.testing.assert_array_equal(unary(Unary.NEG, x.T), -x.T)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2)])
def test_0d_and_empty(shape):
    a = np.full(shape, 3.0)
    result = binary(Binary.ADD, a, a.reshape(a.shape[::-1]).T)
    assert result.shape == shape
    np.testing.assert_array_equal(result, a + a)
    assert unary(Unary.EXP, a).shape == shape
    assert where(np.asarray(a > 0), a, a).shape == shape


def test_foreign_byte_order_and_misaligned():
    x = np.arange(1.0, 7).reshape(2, 3)
    packed = np.zeros((2, 3), [("flag", "u1"), ("x", "f8")])["x"]
    packed[...] = x
    assert not packed.flags.aligned
    for y in (x.astype(">f8"), packed):
        assert unary(Unary.SQUARE, y).dtype == "=f8"
        np.testing.assert_array_equal(unary(Unary.SQUARE, y), x * x)
        np.testing.assert_array_equal(binary(Binary.MUL, x, y), x * x)
        assert binary(Binary.MUL, x, x, y) is y
        np.testing.assert_array_equal(y, x * x)


def test_long_long_is_int64():
    x = np.arange(3, dtype=np.longlong)
    assert binary(Binary.ADD, x, np.arange(3, dtype=np.int64)).dtype == np.int64


# ------------------------------------------------------------------------------------------ out

def test_out_is_written_and_returned():
    a, b, out = np.arange(6.0).reshape(2, 3), np.ones(3), np.empty((3, 2)).T
    assert binary(Binary.ADD, a, b, out) is out
    np.testing.assert_array_equal(out, a + 1)
    assert unary(Unary.NEG, a, out) is out
    np.testing.assert_array_equal(out, -a)


@settings(deadline=None, max_examples=200)
@given(operands(1), st.data())
def test_in_place_and_overlapping(a, data):
    """out may be an input, a part of it in another order, or shifted against it."""
    memory = np.random.default_rng(0).integers(1, 9, 2000).astype(a[0].dtype)
    n = data.draw(st.integers(0, 900))
    parts = [memory[:n], memory[:n][::-1], memory[1:n + 1], memory[n:2 * n], memory[:2 * n:2]]
    x, y, out = (data.draw(st.sampled_from(parts)) for _ in range(3))
    expected = x + y
    np.testing.assert_array_equal(binary(Binary.ADD, x, y, out), expected)
    expected = out * out
    np.testing.assert_array_equal(unary(Unary.SQUARE, out, out), expected)


def test_in_place_with_its_own_row_and_transpose():
    x = np.arange(90000.0).reshape(300, 300)
    expected = x - x[0]
    np.testing.assert_array_equal(binary(Binary.SUB, x, x[0], x), expected)
    expected = x + x.T
    np.testing.assert_array_equal(binary(Binary.ADD, x, x.T, x), expected)


def test_bool_out_in_the_memory_of_its_input():
    memory = np.arange(64, dtype=np.int64)
    for out in (memory.view(bool)[:64], memory.view(bool)[8:72], memory.view(bool)[-64:]):
        memory[:] = np.arange(64)
        expected = memory > 31
        np.testing.assert_array_equal(
            binary(Binary.GT, memory, np.full(64, 31), out), expected)


@pytest.mark.parametrize(("out", "message"), [
    (np.empty(4), r"expected an output of shape \(3,\), got \(4,\)"),
    (np.empty((1, 3)), r"expected an output of shape \(3,\), got \(1, 3\)"),
    (np.empty(3, "f4"), "expected an output of dtype float64, got float32"),
    (np.broadcast_to(np.empty(1), 3), "read-only"),
    (np.lib.stride_tricks.as_strided(np.empty(1), (3,), (0,)), "more than one element"),
])
def test_bad_out(out, message):
    x = np.ones(3)
    with pytest.raises(RuntimeError, match=f"add: .*{message}"):
        binary(Binary.ADD, x, x, out)
    with pytest.raises(RuntimeError, match=f"neg: .*{message}"):
        unary(Unary.NEG, x, out)


# ------------------------------------------------------------------------------- integers, doors

@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("op", DIVISIONS)
def test_integer_division_by_zero(op, dtype):
    a, b = np.arange(4).astype(dtype), np.array([1, 2, 0, 3], dtype)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        binary(op, a, b)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        binary(op, a, b[2:3].reshape(()))
    assert binary(op, a[:0], b[2:3]).shape == (0,)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_least_integer_by_minus_one(dtype):
    least, minus_one = np.array([np.iinfo(dtype).min], dtype), np.array([-1], dtype)
    assert binary(Binary.FLOOR_DIV, least, minus_one) == least
    assert binary(Binary.REMAINDER, least, minus_one) == 0
    assert binary(Binary.FMOD, least, minus_one) == 0
    assert unary(Unary.ABS, least) == least
    with pytest.raises(RuntimeError, match="Integers to negative integer powers are not allowed"):
        binary(Binary.POW, least, minus_one)


def test_shapes_that_do_not_broadcast():
    with pytest.raises(RuntimeError, match=r"add: shapes \(2, 3\) and \(2,\)"):
        binary(Binary.ADD, np.ones((2, 3)), np.ones(2))
    with pytest.raises(RuntimeError, match=r"where: shapes \(4,\) and \(2, 3\) and \(3,\)"):
        where(np.ones(4, bool), np.ones((2, 3)), np.ones(3))


@pytest.mark.parametrize("dtype", ["float16", "complex64", "uint32", "int8", "O", "U3", "M8[s]"])
def test_other_dtypes_are_refused(dtype):
    x = np.zeros(3, dtype)
    for call in (lambda: unary(Unary.NEG, x), lambda: binary(Binary.ADD, x, x),
                 lambda: where(np.ones(3, bool), x, x),
                 lambda: binary(Binary.ADD, np.ones(3), np.ones(3), x)):
        with pytest.raises(RuntimeError, match=re.escape(str(x.dtype))):
            call()


def test_mixed_dtypes_and_odd_arguments_are_refused():
    x = np.ones(3)
    with pytest.raises(RuntimeError, match="operands of one dtype, got float64 and float32"):
        binary(Binary.ADD, x, x.astype("f4"))
    with pytest.raises(RuntimeError, match="two values of one dtype, got float64 and float32"):
        where(x > 0, x, x.astype("f4"))
    with pytest.raises(RuntimeError, match="condition of dtype bool, got float64"):
        where(x, x, x)
    for op in (-1, len(Unary), 1000):
        with pytest.raises((ValueError, OverflowError), match="Unary"):
            unary(op, x)
        with pytest.raises((ValueError, OverflowError), match="Binary"):
            binary(op, x, x)
    for bad in (None, [1.0], 3):
        with pytest.raises(TypeError):
            unary(Unary.NEG, bad)
        with pytest.raises(TypeError):
            binary(Binary.ADD, x, bad)


def test_several_threads_at_once():
    x = np.random.default_rng(0).standard_normal((300, 400))
    results = [None] * 4

    def work(i):
        results[i] = binary(Binary.ADD, unary(Unary.SIN, x), x.T.copy().T)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for result in results:
        np.testing.assert_array_equal(result, unary(Unary.SIN, x) + x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", [Binary.ADD, Binary.SUB, Binary.MUL, Binary.DIV],
                         ids=lambda op: op.name)
@pytest.mark.parametrize("shape, other", [
    ((100,), ()), ((7, 16), (7, 1)), ((7, 15), (7, 1)), ((3, 4, 5, 6), (4, 1, 1)),
    ((3, 4, 33), (3, 1, 1)), ((2, 40), (1, 1))])
def test_one_number_against_a_row(op, dtype, shape, other):
    r = np.random.default_rng(0)
    x, y = r.standard_normal(shape).astype(dtype), r.standard_normal(other).astype(dtype)
    x.flat[::7] = np.inf
    x.flat[3::11] = np.nan
    compute = {Binary.ADD: np.add, Binary.SUB: np.subtract, Binary.MUL: np.multiply,
               Binary.DIV: np.divide}[op]
    for a, b in ((x, y), (y, x), (x[::-1], y), (y, x[..., ::-1])):
        np.testing.assert_array_equal(binary(op, a, b), compute(a, b))
    expected = compute(x, y)
    np.testing.assert_array_equal(binary(op, x, y, x), expected)


def test_the_same_bits_on_any_number_of_threads():
    r = np.random.default_rng(0)
    x = r.standard_normal((300, 401)).astype(np.float32)
    y = r.standard_normal((401, 300)).astype(np.float32)
    row, column = x[0].copy(), x[:, :1].copy()
    calls = [lambda: unary(Unary.TANH, x), lambda: unary(Unary.EXP, y.T),
             lambda: binary(Binary.MUL, x, x), lambda: binary(Binary.ADD, x, y.T),
             lambda: binary(Binary.DIV, x, row), lambda: binary(Binary.SUB, column, x),
             lambda: binary(Binary.LT, x, y.T),
             lambda: binary(Binary.MUL, x.reshape(-1), np.array(x[0, 0])),
             lambda: where(x > 0, x, column), lambda: binary(Binary.ADD, x, x, x.copy())]
    before = get_num_threads()
    try:
        for call in calls:
            set_num_threads(1)
            alone = call()
            for n in (2, 3, 4):
                set_num_threads(n)
                np.testing.assert_array_equal(call(), alone)
    finally:
        set_num_threads(before)
