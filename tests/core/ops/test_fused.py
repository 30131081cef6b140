"""Operations whose gradient is a kernel of its own, against PyTorch: softmax, losses over classes,
activations; values, gradients, gradients of gradients, odd layouts, odd numbers, threads."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import GRADIENT, assert_close
from .harness import run

REDUCTIONS = ("mean", "sum", "none")


def functional(name, *args, **kwargs):
    return lambda lib, *xs: getattr(lib.nn.functional, name)(*xs, *args, **kwargs)


ACTIVATIONS = {
    "tanh": lambda lib, x: x.tanh(), "sigmoid": lambda lib, x: x.sigmoid(),
    "relu": lambda lib, x: x.relu(), "gelu": functional("gelu"),
    "gelu tanh": functional("gelu", approximate="tanh"), "leaky": functional("leaky_relu", 0.2),
    "leaky down": functional("leaky_relu", -0.5),
    "log sigmoid": lambda lib, x: lib.nn.functional.binary_cross_entropy_with_logits(
        x, lib.ones_like(x.detach()), reduction="none"),
}
SOFTMAX = {f"{name} {dim}": lambda lib, x, name=name, dim=dim: getattr(x, name)(dim)
           for name in ("softmax", "log_softmax") for dim in (0, 1, -1)}
EXTREME = [0.0, -0.0, 1e4, -1e4, 88.0, -104.0, np.inf, -np.inf, np.nan, 1e-30]


def drawn(shape, dtype, layout="plain"):
    a = np.random.default_rng([7, *shape]).standard_normal(shape).astype(dtype)
    if layout == "T":
        return np.ascontiguousarray(a.T).T
    return np.repeat(a, 2, axis=-1)[..., ::2] if layout == "step" else a


def compare(call, arrays):
    got, expected = run(pg, call, arrays, 3), run(torch, call, arrays, 3)
    for a, b in zip(got.values, expected.values, strict=True):
        assert_close(a, b)
    for a, b in zip(got.first, expected.first, strict=True):
        assert_close(a, b, GRADIENT, "gradient")
    for a, b in zip(got.second, expected.second, strict=True):
        if a is None or b is None:
            assert not any(np.any(x) for x in (a, b) if x is not None)
        else:
            assert_close(a, b, GRADIENT, "second gradient")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", ["plain", "T", "step"])
@pytest.mark.parametrize("shape", [(3, 5), (40, 70), (2, 3000), (4, 3, 5), (2, 70, 90), (0, 4),
                                   (4, 0)])
@pytest.mark.parametrize("name", [*ACTIVATIONS, *SOFTMAX])
def test_values_and_two_gradients(name, shape, layout, dtype):
    compare((ACTIVATIONS | SOFTMAX)[name], [drawn(shape, dtype, layout)])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_extreme_numbers(name, dtype):
    def of(lib):
        x = lib.tensor(np.array(EXTREME, dtype)).requires_grad_()
        y = ACTIVATIONS[name](lib, x)
        y.sum().backward()
        return y.detach().numpy(), x.grad.numpy()

    for mine, theirs in zip(of(pg), of(torch), strict=True):
        if name == "gelu":          # at infinity PyTorch's vectors and its single numbers differ
            mine, theirs = mine[~np.isinf(EXTREME)], theirs[~np.isinf(EXTREME)]
        assert_close(mine, theirs)


ROWS = [[np.inf, 0, 1], [-np.inf, 0, 1], [-np.inf] * 3, [np.inf] * 3, [np.nan, 0, 1],
        [0, 1, np.nan], [1e4, -1e4, 0], [1e30, 1e30, -1e30], [-1e4, -1e4, -1e4]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("repeat", [1, 40])
@pytest.mark.parametrize("name", SOFTMAX)
def test_softmax_of_extreme_rows(name, repeat, dtype):
    rows = np.tile(np.array(ROWS, dtype), repeat)
    rows = rows.T if name.endswith(" 0") else rows

    def of(lib):
        x = lib.tensor(np.ascontiguousarray(rows)).requires_grad_()
        y = SOFTMAX[name](lib, x)
        y.sum().backward()
        return y.detach().numpy(), x.grad.numpy()

    for mine, theirs in zip(of(pg), of(torch), strict=True):
        assert_close(mine, theirs, GRADIENT)


def test_softmax_of_a_long_row_keeps_its_digits():
    x = drawn((1, 1_000_000), "float32")
    exact = torch.tensor(x.astype("f8"))

    np.testing.assert_allclose(pg.tensor(x).softmax(1).numpy(), exact.softmax(1), rtol=1e-6)
    np.testing.assert_allclose(pg.tensor(x).log_softmax(1).numpy(), exact.log_softmax(1), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("layout", ["plain", "T"])
@pytest.mark.parametrize("shape", [(6, 3), (50, 70), (3, 2500), (4, 3, 5), (5,)])
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_losses_over_classes(name, shape, layout, ignored, weighted, reduction, dtype):
    rng = np.random.default_rng(4)
    C = shape[0] if len(shape) == 1 else shape[1]
    labels = np.asarray(rng.integers(0, C, shape[:1] + shape[2:] if len(shape) > 1 else ()))
    if ignored and labels.ndim:
        labels.flat[::3] = 1
    weight = rng.uniform(0.5, 2, C).astype(dtype)

    def call(lib, x):
        return getattr(lib.nn.functional, name)(
            x, lib.from_numpy(labels), lib.from_numpy(weight) if weighted else None,
            ignore_index=1 if ignored and labels.ndim else -100, reduction=reduction)

    compare(call, [drawn(shape, dtype, layout)])


def test_a_gradient_of_a_gradient_of_a_gradient_of_cross_entropy():
    labels = pg.tensor([0, 2])

    def second(x):
        g, = pg.autograd.grad(pg.nn.functional.cross_entropy(x, labels), x, create_graph=True)
        return (g * g).sum()

    x = pg.tensor(drawn((2, 3), "float64")).requires_grad_()
    pg.testing.gradcheck(second, (x,))
    pg.testing.gradgradcheck(second, (x,))


def test_scores_may_be_overwritten_after_the_loss():
    x = pg.zeros(2, 3).requires_grad_()
    scores = x * 1
    loss = pg.nn.functional.cross_entropy(scores, pg.tensor([0, 1]))
    scores.zero_()
    loss.backward()

    assert x.grad[0].tolist() == pytest.approx([-1 / 3, 1 / 6, 1 / 6])


def test_a_weight_that_learns_gets_its_gradient():
    weight = pg.tensor([1.0, 2.0, 3.0]).requires_grad_()
    pg.nn.functional.cross_entropy(pg.zeros(2, 3), pg.tensor([0, 1]), weight,
                                   reduction="sum").backward()

    assert weight.grad.tolist() == pytest.approx([np.log(3), np.log(3), 0])


@pytest.mark.parametrize("call", [
    SOFTMAX["softmax 1"], SOFTMAX["softmax 0"], SOFTMAX["log_softmax 1"], SOFTMAX["log_softmax 0"],
    lambda lib, x: lib.nn.functional.cross_entropy(x, lib.from_numpy(np.arange(301) % 517)),
])
def test_threads_change_nothing(call):
    x = drawn((301, 517), "float32")
    before = pg.get_num_threads()
    results = []
    for threads in (1, 2, 4):
        pg.set_num_threads(threads)
        done = run(pg, call, [x], 1)
        results.append([*done.values, *done.first])
    pg.set_num_threads(before)

    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
