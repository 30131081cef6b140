"""Every row of the table against PyTorch: values, gradients, gradients of gradients."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import GRADIENT, assert_close
from . import rows_of_matrices, rows_of_numbers, rows_of_shapes  # noqa: F401  each fills ROWS
from .harness import as_array, as_tuple, run, tensors
from .specs import FLOATS, Given, Index, Mask, arrays, seed
from .table import ROWS

PART_B = """
    add sub mul div floor_divide remainder neg eq ne lt le gt ge
    exp log log1p expm1 sqrt rsqrt sin cos tan tanh sigmoid erf abs sign floor round clamp pow
    maximum minimum where
    sum mean var std prod max min amax amin argmax argmin logsumexp norm cumsum all any
    reshape view flatten unflatten squeeze unsqueeze transpose permute T mT expand broadcast_to
    repeat cat stack split chunk unbind flip roll pad tril triu
    getitem setitem gather scatter scatter_add index_select masked_fill topk sort
    matmul einsum conv2d unfold fold one_hot
    add_ sub_ mul_ div_ exp_ log_ log1p_ expm1_ sqrt_ rsqrt_ sin_ cos_ tan_ tanh_ sigmoid_ erf_
    abs_ sign_ floor_ round_ clamp_ pow_
"""
FORMS = [pytest.param(row, call, cases, id=f"{row.name}-{number}")
         for row in ROWS.values() for number, (call, cases) in enumerate(row.forms)]
FORMS_OF_TWO_STYLES = [f for f in FORMS if getattr(f.values[1], "method", None)
                       and hasattr(torch, f.values[1].name)
                       and hasattr(torch.Tensor, f.values[1].name)]

# A UserWarning may say that one element has no deviation; NumPy's own warnings must not leak out.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def assert_same_gradients(got, expected, what):
    """None and zero say the same thing: this input does not matter."""
    assert len(got) == len(expected)
    for i, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
        if mine is None or theirs is None:
            known = [a for a in (mine, theirs) if a is not None]
            assert not any(np.any(a) for a in known), f"{what} {i}: {mine}, expected {theirs}"
        else:
            assert_close(mine, theirs, GRADIENT, f"{what} {i}")


def check(call, row, inputs, dtype):
    given = arrays(inputs, dtype, row.values, row.name, inputs)
    number = seed(row.name, inputs, "weights")
    expected = run(torch, call, given, number)
    got = run(pg, call, given, number)
    assert got.differentiable == expected.differentiable
    try:
        assert_same(got, expected)
    except AssertionError:
        if dtype != "float32":
            raise
        wide = [a.astype("float64") if a.dtype == "float32" else a for a in given]
        assert_as_near(got, expected, run(torch, call, wide, number))


def assert_same(got, expected):
    assert len(got.values) == len(expected.values)
    for mine, theirs in zip(got.values, expected.values, strict=True):
        assert_close(mine, theirs)
    assert_same_gradients(got.first, expected.first, "gradient of input")
    if expected.second:
        assert_same_seconds(got.second, expected.second)


def assert_as_near(got, expected, exact):
    """Where a factorization makes rounding grow, PyTorch in float32 is no reference: both are
    compared with float64, and ours may be twice as far from it as PyTorch is."""
    for part in ("values", "first", "second"):
        for mine, theirs, true in zip(*(getattr(o, part) for o in (got, expected, exact)),
                                      strict=True):
            if mine is not None and np.all(np.isfinite(true)):
                assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
                far, theirs_far = (np.linalg.norm(a - true) for a in (mine, theirs))
                assert far <= 2 * theirs_far + 1e-6 * np.linalg.norm(true), (part, far, theirs_far)


def assert_same_seconds(got, expected):
    """As first ones; but at a kink PyTorch's second gradient may be NaN, and a number is better."""
    kind = [mine if mine is None or theirs is None or mine.shape != theirs.shape
            else np.where(np.isnan(theirs), theirs, mine)
            for mine, theirs in zip(got, expected, strict=True)]
    assert_same_gradients(kind, expected, "second gradient of input or weight")


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row, call, cases", FORMS)
def test_value_gradient_and_second_gradient(row, call, cases, dtype):
    wrong = []
    for inputs in cases:
        try:
            check(call, row, inputs, dtype)
        except Exception as error:
            wrong.append(f"{call} of {inputs}:\n{type(error).__name__}: {error}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("row, call, cases", FORMS_OF_TWO_STYLES)
def test_method_equals_function(row, call, cases):
    for inputs in cases:
        given = arrays(inputs, "float64", row.values, row.name, inputs)
        function = as_tuple(call(pg, *tensors(pg, given)))
        method = as_tuple(call.method(pg, *tensors(pg, given)))
        for a, b in zip(function, method, strict=True):
            np.testing.assert_array_equal(as_array(a), as_array(b))


@pytest.mark.parametrize("name, dtype", [(r.name, d) for r in ROWS.values() for d in r.ints])
def test_integers_and_bools(name, dtype):
    """Values, dtypes and shapes; what PyTorch itself refuses is left open."""
    row, compared = ROWS[name], 0
    for call, inputs in row.calls():
        if not all(i.fits(dtype) for i in inputs if isinstance(i, Given)):
            continue
        given = arrays(inputs, dtype, row.values, row.name, inputs)
        try:
            expected = as_tuple(call(torch, *tensors(torch, given)))
        except (RuntimeError, TypeError):
            continue
        for mine, theirs in zip(as_tuple(call(pg, *tensors(pg, given))), expected, strict=True):
            assert_close(as_array(mine), as_array(theirs), what=f"{call} of {inputs}")
        compared += 1
    assert compared >= 4


def shown(row):
    """What the cases of a row show, among them and together."""
    everything = [inputs for _, inputs in row.calls()]
    floats = [[i for i in inputs if not isinstance(i, (Index, Mask))] for inputs in everything]
    found = set()
    for inputs, own in zip(everything, floats, strict=True):
        found |= {"empty" for i in inputs if 0 in i.shape}
        found |= {"0-d" for i in inputs if i.shape == ()}
        found |= {"strided" for i in own if i.layout != "plain"}
        found |= {"broadcast"} if len({i.shape for i in inputs}) > 1 else set()
    return found, {tuple(i.shape for i in inputs) for inputs in everything}


@pytest.mark.parametrize("name", ROWS)
def test_every_row_shows_four_shapes_and_every_layout(name):
    row = ROWS[name]
    found, shapes = shown(row)
    wanted = {"empty", "0-d", "strided"}
    wanted |= {"broadcast"} if any(len(inputs) > 1 for _, inputs in row.calls()) else set()
    assert len(shapes) >= 4
    assert found | set(row.lacks) >= wanted
    assert not found & set(row.lacks), "the row shows what it says it cannot"


def test_strided_inputs_are_strided():
    seen = {i for row in ROWS.values() for _, inputs in row.calls() for i in inputs
            if getattr(i, "layout", "plain") != "plain"}
    for i in seen:
        given, = arrays([i], "float32", "real", "strided")
        t = pg.from_numpy(given)
        assert t.numpy().strides == given.strides
        assert t.is_contiguous() == given.flags.c_contiguous
    assert sum(not pg.from_numpy(arrays([i], "float32", "real", "strided")[0]).is_contiguous()
               for i in seen) > 20


def test_every_op_has_a_row(capsys):
    missing = [name for name in PART_B.split() if name not in ROWS]
    assert not missing
    calls = 2 * sum(len(list(row.calls())) for row in ROWS.values())
    with capsys.disabled():
        print(f"\nagainst PyTorch: {len(ROWS)} ops, {calls} calls", end="")
    assert len(ROWS) >= len(PART_B.split()) >= 100
