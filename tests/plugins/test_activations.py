"""Every built-in activation against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import assert_close
from .parity import Row, cases, check, check_begin, check_refusal, check_signature, made, x

WIDE = np.array([-1e3, -30.0, -5.0, -1e-3, 0.0, 1e-3, 5.0, 30.0, 1e3])
KINKS = np.array([-6.0, -3.0, -2.0, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 6.0, 19.0,
                  21.0])
NOT_ZERO = np.array([-1e3, -5.0, -1e-3, 1e-3, 5.0, 1e3, np.inf])
SHAPES = (x(4, 3), x(2, 3, 4), x(0, 2), np.array(0.5), np.array(-0.5))

# Element by element: a name and the options to try.
ELEMENTWISE = [
    ("ReLU6", {}), ("ELU", {}), ("ELU", {"alpha": 2}), ("ELU", {"alpha": -0.5}), ("CELU", {}),
    ("CELU", {"alpha": 2.5}), ("CELU", {"alpha": -1.5}), ("SELU", {}), ("SiLU", {}),
    ("Softplus", {}), ("Softplus", {"beta": 2, "threshold": 3}), ("Softplus", {"beta": 0.3}),
    ("Softplus", {"beta": -1.0}), ("Softsign", {}), ("Softshrink", {}),
    ("Softshrink", {"lambd": 0}), ("Softshrink", {"lambd": 1.5}), ("Hardshrink", {}),
    ("Hardshrink", {"lambd": 0}), ("Hardshrink", {"lambd": -1}), ("Hardshrink", {"lambd": 2.0}),
    ("Tanhshrink", {}),
    ("Hardtanh", {}), ("Hardtanh", {"min_val": -2, "max_val": 0.5}),
    ("Hardswish", {}), ("LogSigmoid", {}), ("Threshold", {"threshold": 0.2, "value": 3}),
    ("Threshold", {"threshold": -1, "value": -0.5}),
]

# Functions that can write over their input.
WRITING = {
    "relu": {}, "leaky_relu": {"negative_slope": 0.3}, "elu": {"alpha": 2}, "celu": {"alpha": 2},
    "selu": {}, "hardtanh": {"min_val": -0.2, "max_val": 0.7}, "relu6": {}, "silu": {}, "mish": {},
    "threshold": {"threshold": 0.1, "value": 5}, "rrelu": {"lower": 0.1, "upper": 0.2},
    "hardswish": {},
}

# What takes some more than its input, or is a function alone: options and inputs.
OTHERS = [
    *(("PReLU", {"num_parameters": C}, (inputs,)) for C, inputs in (
        (3, x(4, 3)), (3, x(2, 3, 4)), (3, x(2, 3, 2, 2)), (3, x(0, 3)), (1, x(5)),
        (1, x(2, 3, 4)), (1, np.array(-0.5)), (1, NOT_ZERO))),
    *(("F.prelu", {}, inputs) for inputs in (
        (x(4, 3), x(3)), (x(4, 3), x(1)), (x(4, 3), np.array(-0.3)), (x(5), x(1)),
        (np.array(-2.0), np.array(0.3)), (np.array(-2.0), x(1)), (NOT_ZERO, x(1)))),
    *((name, {"dim": dim}, (inputs,)) for name in ("GLU", "F.glu")
      for dim, inputs in ((-1, x(3, 4)), (0, x(4, 3)), (1, x(2, 6, 3)), (-2, x(2, 6, 3)), (0, x(6)),
                          (1, x(0, 4)), (0, x(0, 4)), (0, np.concatenate([WIDE, WIDE[::-1]])))),
    *(("Softmax2d", {}, (inputs,)) for inputs in (x(2, 3, 4, 5), x(3, 4, 5), x(0, 3, 2, 2))),
    *((name, {"dim": dim}, (inputs,)) for name in ("Softmin", "F.softmin")
      for dim, inputs in ((1, x(4, 3)), (0, x(4, 3)), (-1, x(2, 3, 4)), (0, WIDE), (1, x(0, 3)),
                          (0, np.array(0.5)))),
    *(("RReLU", {"lower": a, "upper": a}, (inputs,)) for a in (0.2, 0, -1.5)
      for inputs in (x(4, 3), x(0, 2), np.array(-0.5), WIDE)),
    ("F.rrelu", {}, (WIDE,)), ("F.rrelu", {"lower": 0.1, "upper": 0.7}, (KINKS,)),
    ("F.rrelu", {"lower": 0.5, "upper": 0.5, "training": True}, (x(4, 3),)),
    ("F.hardtanh", {"min_val": 0.3, "max_val": 0.3}, (KINKS,)),
    ("F.hardtanh", {"min_val": -0.5, "max_val": 2}, (KINKS,)),
    ("F.threshold", {"threshold": 0.5, "value": -7}, (KINKS,)),
    ("F.elu", {"alpha": 0.5}, (KINKS,)), ("F.celu", {"alpha": 0.5}, (KINKS,)),
    ("F.softplus", {"beta": 3, "threshold": 1}, (KINKS,)), ("F.hardshrink", {"lambd": 1}, (KINKS,)),
    ("F.softshrink", {"lambd": 1}, (KINKS,)),
    *((f"F.{name}", {}, (KINKS,)) for name in (
        "relu6", "selu", "silu", "mish", "softplus", "softsign", "tanhshrink", "hardswish",
        "logsigmoid", "elu", "celu", "hardtanh", "hardshrink", "softshrink", "relu", "leaky_relu",
        "sigmoid", "tanh", "gelu")),
    ("F.gelu", {"approximate": "tanh"}, (KINKS,)),
    ("F.leaky_relu", {"negative_slope": 0.3}, (KINKS,)),
    *((f"F.{name}", {"dim": dim}, (x(4, 3),)) for name in ("softmax", "log_softmax")
      for dim in (0, -1)),
    *((f"F.{name}", options | {"inplace": True}, (KINKS,)) for name, options in WRITING.items()),
    *((f"F.{name}_", options, (KINKS,)) for name, options in WRITING.items()
      if hasattr(torch.nn.functional, f"{name}_")),
]

ROWS = [
    *(Row(name, options, (inputs,)) for name, options in ELEMENTWISE
      for inputs in (*SHAPES, WIDE, KINKS)),
    # PyTorch's second gradient of Mish is NaN above 88.
    *(Row("Mish", {}, (inputs,)) for inputs in (*SHAPES, WIDE[1:-1], KINKS)),
    *(Row(*other) for other in OTHERS),
    *(Row(name, options, (inputs,)) for name, options in (
        ("ReLU", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.2}),
        ("Sigmoid", {}), ("Tanh", {}), ("GELU", {}), ("GELU", {"approximate": "tanh"}),
    ) for inputs in (x(4, 3), x(2, 3, 4), x(0, 2), WIDE, np.array(0.5))),
    *(Row(name, {"dim": dim}, (inputs,)) for name in ("Softmax", "LogSoftmax")
      for dim, inputs in ((1, x(4, 3)), (0, x(4, 3)), (-1, x(2, 3, 4)), (-2, x(2, 3, 4)),
                          (0, WIDE), (0, np.array(0.5)), (1, x(0, 3)))),
]


@cases(ROWS)
def test_activation_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("call", [
    lambda F, t: F.softplus(t, 2, 3), lambda F, t: F.softplus(input=t, beta=2, threshold=3),
    lambda F, t: F.hardshrink(t, 1), lambda F, t: F.hardshrink(input=t, lambd=1),
    lambda F, t: F.softshrink(t, 1), lambda F, t: F.softshrink(input=t, lambd=1),
    lambda F, t: F.logsigmoid(input=t), lambda F, t: F.prelu(input=t, weight=t[:1]),
    lambda F, t: F.elu_(t * 1, 2), lambda F, t: F.celu_(input=t * 1, alpha=2),
    lambda F, t: F.selu_(t * 1), lambda F, t: F.relu_(input=t * 1),
    lambda F, t: F.leaky_relu_(t * 1, 0.3), lambda F, t: F.hardtanh_(t * 1, -0.2, max_val=0.7),
    lambda F, t: F.threshold_(t * 1, 0.1, value=5), lambda F, t: F.rrelu_(t * 1, 0.1, 0.2, False),
])
def test_compiled_function_is_called_as_pytorchs(call):
    inputs = x(5)
    np.testing.assert_allclose(call(F, pg.from_numpy(inputs)).numpy(),
                               call(torch.nn.functional, torch.from_numpy(inputs)).numpy(),
                               rtol=1e-12)


IN_PLACE = {
    **{name: lambda lib, x, name=name: getattr(lib.nn, name)(inplace=True)(x) for name in (
        "ReLU", "LeakyReLU", "ReLU6", "ELU", "CELU", "SELU", "SiLU", "Mish", "Hardtanh",
        "Hardsigmoid", "Hardswish")},
    **{name: lambda lib, x, name=name: getattr(lib.nn.functional, name)(x) for name in (
        "relu_", "leaky_relu_", "elu_", "celu_", "selu_", "hardtanh_", "rrelu_")},
    "Threshold": lambda lib, x: lib.nn.Threshold(0.1, 2, inplace=True)(x),
    "RReLU": lambda lib, x: lib.nn.RReLU(0.2, 0.2, inplace=True)(x),
    "RReLU eval": lambda lib, x: lib.nn.RReLU(0.1, 0.2, inplace=True).eval()(x),
    "threshold_": lambda lib, x: lib.nn.functional.threshold_(x, 0.1, 2),
    "rrelu_ training": lambda lib, x: lib.nn.functional.rrelu_(x, 0.2, 0.2, True),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_writes_over_the_input_and_keeps_the_gradient(name):
    def run(lib):
        leaf = lib.from_numpy(x(5)).requires_grad_()
        moved = leaf * 2
        result = IN_PLACE[name](lib, moved)
        assert result is moved
        result.sum().backward()
        return moved.tolist(), leaf.grad.tolist()

    for got, expected in zip(run(pg), run(torch), strict=True):
        assert_close(np.float32(got), np.float32(expected))


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_writes_into_views_and_not_over_leaves(name):
    def run(lib):
        whole = lib.from_numpy(x(4, 3))
        IN_PLACE[name](lib, whole[1])
        return whole.numpy()

    np.testing.assert_allclose(run(pg), run(torch), rtol=1e-12)
    check_refusal(lambda lib: IN_PLACE[name](lib, lib.ones(3, requires_grad=True)),
                  RuntimeError, "leaf")


@pytest.mark.parametrize("name", ["ReLU6", "SiLU", "Mish", "SELU", "Hardsigmoid", "ELU", "RReLU",
                                  "CELU", "Hardswish", "Hardtanh"])
def test_in_place_is_printed_as_in_pytorch(name):
    assert repr(getattr(nn, name)(inplace=True)) == repr(getattr(torch.nn, name)(inplace=True))
    assert repr(nn.Threshold(1, 2, True)) == repr(torch.nn.Threshold(1, 2, True))


INFINITE = {"relu6", "elu", "celu", "selu", "silu", "mish", "softplus", "softsign", "softshrink",
            "hardshrink", "hardtanh", "hardsigmoid", "hardswish", "logsigmoid", "tanhshrink"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(INFINITE))
def test_infinities_and_far_numbers_are_pytorchs(name, dtype):
    def of_far_numbers(lib):
        far = np.array([-np.inf, -1e30, -1e4, -1e3, -104, -90, 90, 104, 1e3, 1e4, 1e30, np.inf])
        far = lib.from_numpy(far.astype(dtype)).requires_grad_()
        y = getattr(lib.nn.functional, name)(far)
        y.sum().backward()
        return y.detach().numpy(), far.grad.numpy()

    for got, expected in zip(of_far_numbers(pg), of_far_numbers(torch), strict=True):
        assert_close(got, expected)


@pytest.mark.parametrize("name", sorted(INFINITE))
def test_nan_stays(name):
    assert np.isnan(getattr(F, name)(pg.tensor([np.nan, 1.0])).numpy()).tolist() == [True, False]


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "Softmin", "F.softmax", "F.log_softmax",
                                  "F.softmin"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 2, 2, 2)])
def test_softmax_without_dim_chooses_as_pytorch_does_and_warns(name, shape):
    row = Row(name, {}, (x(*shape),))
    with pytest.warns(UserWarning):
        expected = made(torch, row, "float64")(torch.from_numpy(row.inputs[0])).numpy()

    with pytest.warns(UserWarning, match="give dim=1"):
        got = made(pg, row, "float64")(pg.from_numpy(row.inputs[0])).numpy()

    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("before, after", [("int64", "float32"), ("float32", "float64"),
                                           ("float64", "float32")])
def test_softmax_converts_first_where_it_is_given_a_dtype(name, before, after):
    ours, theirs = (getattr(lib.nn.functional, name)(
        lib.from_numpy((10 * x(4, 3)).astype(before)), 1, dtype=getattr(lib, after))
        for lib in (pg, torch))

    assert_close(ours.numpy(), theirs.numpy())


def test_gelu_knows_two_forms():
    with pytest.raises(ValueError, match="'none' or 'tanh'"):
        F.gelu(pg.zeros(3), "sigmoid")


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("inputs", [*SHAPES, WIDE, KINKS])
def test_hardsigmoid_is_pytorchs(inputs, training):
    for name in ("Hardsigmoid", "F.hardsigmoid"):
        check(Row(name, {}, (inputs,)), "float32", training)

    def of_float64(lib, function):
        leaf = lib.from_numpy(inputs).requires_grad_()
        y = function(leaf)
        y.sum().backward()
        return y.detach().numpy(), leaf.grad.numpy()

    # PyTorch's own gradient multiplies with a sixth in float32, in float64 too.
    expected = of_float64(torch, lambda t: torch.nn.functional.relu6(t + 3) / 6)
    for got, reference in zip(of_float64(pg, nn.Hardsigmoid()), expected, strict=True):
        assert_close(got, reference)
    check_signature(nn.Hardsigmoid, torch.nn.Hardsigmoid)


@pytest.mark.parametrize("call, at", [
    (lambda lib, x: lib.nn.functional.prelu(x, lib.tensor([0.3], dtype=x.dtype)), 0.0),
    (lambda lib, x: lib.nn.functional.softplus(x), 20.0),
    (lambda lib, x: lib.nn.functional.softplus(x, 2, 3), 1.5),
    (lambda lib, x: lib.nn.functional.mish(x), 1e3)])
def test_first_gradient_where_the_second_is_not_defined(call, at):
    def run(lib):
        leaf = lib.tensor(at, dtype=lib.float64, requires_grad=True)
        y = call(lib, leaf)
        y.backward()
        return y.item(), leaf.grad.item()

    assert run(pg) == pytest.approx(run(torch), rel=1e-12)


@pytest.mark.parametrize("options", [{}, {"num_parameters": 4, "init": -0.5}])
def test_prelu_begins_as_pytorchs(options):
    check_begin(Row("PReLU", options))


def test_rrelu_draws_its_slopes_evenly_in_training():
    below = pg.from_numpy(-np.abs(x(4000)) - 0.1).requires_grad_()
    pg.manual_seed(0)
    layer = nn.RReLU(0.1, 0.6)
    y = layer(below)
    slopes = (y / below).detach().numpy()
    y.sum().backward()

    np.testing.assert_allclose(below.grad.numpy(), slopes)
    assert 0.1 <= slopes.min() < 0.102 and 0.598 < slopes.max() <= 0.6
    apart = np.sort(slopes) - np.linspace(0.1, 0.6, 4000)
    assert np.abs(apart).max() < 0.5 * 2 / np.sqrt(4000)          # Kolmogorov-Smirnov
    assert layer(pg.ones(5)).tolist() == [1.0] * 5
    assert layer.eval()(pg.tensor([-1.0])).tolist() == pytest.approx([-0.35])


def test_gumbel_softmax_chooses_as_often_as_softmax_says():
    scores = np.log([0.1, 0.2, 0.7])
    many = np.broadcast_to(scores, (40_000, 3)).copy()
    pg.manual_seed(0)
    chosen = F.gumbel_softmax(pg.from_numpy(many), hard=True).numpy()
    soft = F.gumbel_softmax(pg.from_numpy(many), tau=0.5).numpy()
    torch.manual_seed(0)
    theirs = torch.nn.functional.gumbel_softmax(torch.from_numpy(many), tau=0.5).numpy()

    np.testing.assert_allclose(chosen.max(1), 1)
    np.testing.assert_allclose(chosen.sum(1), 1)
    np.testing.assert_allclose(chosen.mean(0), [0.1, 0.2, 0.7], atol=0.01)
    np.testing.assert_allclose(soft.sum(1), 1)
    np.testing.assert_allclose(soft.mean(0), theirs.mean(0), atol=0.01)
    np.testing.assert_allclose(soft.std(0), theirs.std(0), atol=0.01)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_a_hard_gumbel_softmax_has_the_gradient_of_the_soft_one(dim):
    def gradient(hard):
        scores = pg.from_numpy(x(4, 3)).requires_grad_()
        pg.manual_seed(3)
        y = F.gumbel_softmax(scores, tau=0.7, hard=hard, dim=dim)
        (y * pg.from_numpy(x(4, 3, seed=1))).sum().backward()
        return y, scores.grad.numpy()

    (soft, expected), (hard, got) = gradient(False), gradient(True)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    np.testing.assert_array_equal(hard.argmax(dim).numpy(), soft.argmax(dim).numpy())


def test_gumbel_softmax_warns_of_eps():
    with pytest.warns(UserWarning):
        torch.nn.functional.gumbel_softmax(torch.zeros(3), eps=1e-5)
    with pytest.warns(UserWarning, match="eps has no effect"):
        F.gumbel_softmax(pg.zeros(3), eps=1e-5)


def test_former_names_of_the_bounds_warn():
    with pytest.warns(FutureWarning):
        expected = repr(torch.nn.Hardtanh(min_value=-2, max_value=3))
    with (pytest.warns(FutureWarning, match="now called min_val"),
          pytest.warns(FutureWarning, match="now called max_val")):
        assert repr(nn.Hardtanh(min_value=-2, max_value=3)) == expected


@pytest.mark.parametrize("inputs", [x(4, 3), KINKS, x(0, 2), np.array([np.nan, -0.0, np.inf])])
@pytest.mark.parametrize("values", [0.0, 0.5, 1])
def test_steps_are_pytorchs_and_flat(inputs, values):
    ours, theirs = pg.from_numpy(inputs).requires_grad_(), torch.from_numpy(inputs)
    sign, step = nn.Sign()(ours), nn.Heaviside(values)(ours)
    (sign + step).sum().backward()

    np.testing.assert_array_equal(sign.detach().numpy(), torch.sign(theirs).numpy())
    at_zero = torch.tensor(float(values), dtype=torch.float64)
    np.testing.assert_array_equal(step.detach().numpy(), torch.heaviside(theirs, at_zero).numpy())
    assert not ours.grad.numpy().any()
    assert repr(nn.Heaviside(values)) == f"Heaviside(values={values})"


@pytest.mark.parametrize("pieces, dim, shape", [
    (2, -1, (3, 4)), (3, 1, (2, 6, 4)), (3, -2, (2, 6, 4)), (1, 0, (3,)), (4, 0, (4,)),
    (2, 1, (0, 4))])
def test_maxout_is_the_largest_of_neighbors(pieces, dim, shape):
    ours = pg.from_numpy(x(*shape)).requires_grad_()
    theirs = torch.from_numpy(x(*shape)).requires_grad_()
    axis = dim % len(shape)
    y = nn.Maxout(pieces, dim)(ours)
    expected = theirs.unflatten(axis, (-1, pieces)).max(axis + 1).values
    y.square().sum().backward()
    expected.square().sum().backward()

    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())
    assert repr(nn.Maxout(pieces, dim)) == f"Maxout(pieces={pieces}, dim={dim})"


@pytest.mark.parametrize("pieces, shape, error, text", [
    (2, (3, 5), RuntimeError, r"divisible by pieces=2 .* got shape \(3, 5\)"),
    (2, (), RuntimeError, "got shape"), (0, (4,), ValueError, "at least 1"),
    ("two", (4,), TypeError, "an int")])
def test_maxout_refuses(pieces, shape, error, text):
    with pytest.raises(error, match=text):
        nn.Maxout(pieces)(pg.zeros(*shape))


@pytest.mark.parametrize("name", sorted(INFINITE - {"relu6", "softsign", "hardtanh", "tanhshrink"}
                                        | {"rrelu", "leaky_relu", "gelu", "glu"}))
def test_integers_are_refused_as_in_pytorch(name):
    check_refusal(lambda lib: getattr(lib.nn.functional, name)(lib.tensor([1, -2])),
                  NotImplementedError, f"{name}: expected a floating point tensor, got .*int64")


@pytest.mark.parametrize("call", [
    lambda lib, n: lib.nn.functional.relu6(n), lambda lib, n: lib.nn.functional.hardtanh(n, -2, 3),
    lambda lib, n: lib.nn.functional.softsign(n), lambda lib, n: lib.nn.functional.tanhshrink(n),
    lambda lib, n: lib.nn.functional.threshold(n, 1, 5)])
def test_integers_are_taken_as_in_pytorch(call):
    def run(lib):
        return call(lib, lib.tensor([-4, 0, 3, 7])).numpy()

    assert_close(run(pg), run(torch))


def called(name, *args, **options):
    return lambda lib: getattr(lib.nn.functional, name)(lib.zeros(4, 3), *args, **options)


@pytest.mark.parametrize("call, error, text", [
    (called("hardtanh", 1, -1), ValueError, "min_val <= max_val, got 1 and -1"),
    (lambda lib: lib.nn.Hardtanh(1, 1), AssertionError, "min_val < max_val"),
    (lambda lib: lib.nn.functional.hardtanh(lib.ones(3) > 0), RuntimeError, "bools"),
    (called("celu", 0), RuntimeError, "alpha other than 0"),
    (lambda lib: lib.nn.CELU(0)(lib.zeros(3)), RuntimeError, "alpha other than 0"),
    (called("softshrink", -1), RuntimeError, "finite lambd of 0 or more, got -1"),
    (called("glu"), RuntimeError, r"an even size of dimension -1, .* got shape \(4, 3\)"),
    (called("glu", 5), IndexError, "range"),
    (lambda lib: lib.nn.functional.glu(lib.tensor(1.0)), RuntimeError, "0-d"),
    (lambda lib: lib.nn.Softmax2d()(lib.zeros(2, 3)), ValueError, r"images .* got shape \(2, 3\)"),
    (called("rrelu", 0.5, 0.2), RuntimeError, "lower <= upper, got lower=0.5 and upper=0.2"),
    (called("rrelu", 0.5, 0.2, True), RuntimeError, "lower <= upper"),
    (called("rrelu", 0.5, float("inf"), True), RuntimeError, "finite"),
    (lambda lib: lib.nn.functional.prelu(lib.zeros(4, 3), lib.ones(2)), RuntimeError,
     r"1 number or 3 as weight, .* input \(4, 3\), got 2"),
    (lambda lib: lib.nn.functional.prelu(lib.zeros(3), lib.ones(3)), RuntimeError, "1 number or 1"),
    (lambda lib: lib.nn.functional.prelu(lib.zeros(4, 3), lib.ones(1, 3)), RuntimeError,
     r"no or one dimension, got shape \(1, 3\)"),
    (lambda lib: lib.nn.functional.prelu(lib.zeros(4, 3), lib.ones(3).double()), RuntimeError,
     "one dtype, got .*float32 and .*float64"),
    (called("prelu", [1.0]), TypeError, "weight to be a Tensor, got list"),
    (lambda lib: lib.nn.PReLU(2.5), TypeError, "num_parameters: expected an int"),
    (lambda lib: lib.nn.functional.elu(3.0), TypeError, "expected a Tensor, got float"),
    (lambda lib: lib.nn.functional.gumbel_softmax(lib.tensor([1, 2])), RuntimeError,
     "floating point"),
    (lambda lib: lib.nn.ELU("a")(lib.zeros(3)), TypeError, "ELU: alpha: expected a number"),
])
def test_refuses_what_pytorch_refuses(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_what_leaky_relu_gives_may_be_written_over(lib):
    x = lib.tensor([-1.0, 2.0], requires_grad=True)
    y = lib.nn.functional.leaky_relu(2 * x, 0.1)
    y -= 0.5
    y.sum().backward()
    assert y.tolist() == pytest.approx([-0.7, 3.5]) and x.grad.tolist() == pytest.approx([0.2, 2.0])
