"""Losses between numbers, and likelihoods of numbers and probabilities, against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import GRADIENT, assert_close
from .parity import Row, cases, check, check_refusal, labels, x

REDUCTIONS = ("mean", "sum", "none")
SHAPES = ((4, 3), (5,), (), (2, 2, 2), (0, 3))
WEIGHT = np.array([0.5, 2.0, 1.5])


def p(*shape, seed=0):
    """Probabilities."""
    return np.random.default_rng([seed, *shape]).uniform(0.05, 0.95, shape)


def counts(*shape):
    return labels(*shape, below=5) + 1.0       # at 0, PyTorch's gradient for the count is NaN


def each(name, *options):
    """(reduction, options) in every combination."""
    return [{"reduction": reduction} | more for reduction in REDUCTIONS for more in options]


ROWS = [
    *(Row("SmoothL1Loss", options, (x(*shape), x(*shape, seed=1) + 0.5))
      for options in each("SmoothL1Loss", {}, {"beta": 0.3}, {"beta": 0.0}, {"beta": 5.0})
      for shape in SHAPES),
    *(Row("HuberLoss", options, (x(*shape), x(*shape, seed=1) + 0.5))
      for options in each("HuberLoss", {}, {"delta": 0.3}, {"delta": 5.0}) for shape in SHAPES),
    *(Row("F.huber_loss", options | {"weight": x(4, 3, seed=2) ** 2},
          (x(4, 3), x(4, 3, seed=1) * 2))
      for options in each("huber_loss", {}, {"delta": 0.3})),
    Row("SmoothL1Loss", {}, (np.array([1e20, -1e20, np.inf]), np.array([-1e3, 1e3, 0.0]))),
    Row("HuberLoss", {}, (np.array([1e20, -1e20, np.inf]), np.array([-1e3, 1e3, 0.0]))),
    Row("SmoothL1Loss", {}, (x(4, 3), x(4, 3))),                    # no error: the middle
    Row("HuberLoss", {}, (x(4, 3), x(4, 3))),
    Row("SmoothL1Loss", {}, (x(4, 3), labels(4, 3, below=3))),
    *(Row("BCELoss", options, (p(*shape), p(*shape, seed=1)))
      for options in each("BCELoss", {}) for shape in SHAPES),
    *(Row("BCELoss", options, (p(4, 3), p(4, 3, seed=1)))
      for options in each("BCELoss", {"weight": WEIGHT}, {"weight": p(4, 1)})),
    *(Row("KLDivLoss", options, (np.log(p(*shape)), p(*shape, seed=1)))
      for reduction in (*REDUCTIONS, "batchmean") for shape in SHAPES
      for options in ({"reduction": reduction},)),
    *(Row("KLDivLoss", {"reduction": reduction, "log_target": True}, (np.log(p(4, 3)), x(4, 3)))
      for reduction in (*REDUCTIONS, "batchmean")),
    *(Row("PoissonNLLLoss", options, (p(*shape) * 3, counts(*shape)))
      for options in each("PoissonNLLLoss", {}, {"full": True}, {"log_input": False},
                          {"log_input": False, "full": True, "eps": 0.1}) for shape in SHAPES),
    Row("PoissonNLLLoss", {"full": True}, (x(4, 3), labels(4, 3, below=5))),
    *(Row("GaussianNLLLoss", options, (x(4, 3), x(4, 3, seed=1), p(*shape)))
      for options in each("GaussianNLLLoss", {}, {"full": True}, {"eps": 0.5})
      for shape in ((4, 3), (4,), (4, 1), (1, 3))),
    *(Row("GaussianNLLLoss", {}, (x(*shape), x(*shape, seed=1), p(*shape))) for shape in SHAPES),
    Row("GaussianNLLLoss", {}, (x(4, 3), x(4, 3, seed=1), np.zeros((4, 3)))),
    Row("F.smooth_l1_loss", {"beta": 0.5}, (x(4, 3), x(4, 3, seed=1))),
    Row("F.huber_loss", {"delta": 0.5}, (x(4, 3), x(4, 3, seed=1))),
    Row("F.binary_cross_entropy", {"weight": WEIGHT}, (p(4, 3), p(4, 3, seed=1))),
    Row("F.kl_div", {"reduction": "sum"}, (x(4, 3), p(4, 3))),
    Row("F.poisson_nll_loss", {"full": True}, (x(4, 3), counts(4, 3))),
    Row("F.gaussian_nll_loss", {"full": True}, (x(4, 3), x(4, 3, seed=1), p(4, 3))),
]
ROWS = [Row(row.name, row.options, tuple(map(np.asarray, row.inputs))) for row in ROWS]


@pytest.mark.filterwarnings("ignore:.*reduction. ?.'?mean")
@cases(ROWS)
def test_loss_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("probability", [0.0, 1.0])
@pytest.mark.parametrize("target", [0.0, 0.5, 1.0])
def test_cross_entropy_is_finite_at_0_and_1(probability, target, dtype):
    def run(lib):
        q = lib.tensor(probability, dtype=getattr(lib, dtype), requires_grad=True)
        loss = lib.nn.BCELoss()(q, lib.tensor(target, dtype=getattr(lib, dtype)))
        loss.backward()
        return loss.detach().numpy(), q.grad.numpy()

    for ours, theirs in zip(run(pg), run(torch), strict=True):
        assert np.isfinite(ours)
        assert_close(ours, theirs, GRADIENT)


def test_the_variance_may_be_a_number():
    def run(lib):
        a, b = (lib.from_numpy(x(4, 3, seed=seed)) for seed in (0, 1))
        return lib.nn.GaussianNLLLoss(full=True)(a, b, 0.5).numpy()

    assert_close(run(pg), run(torch))


def test_a_target_of_0_costs_nothing_in_kl_div():
    def run(lib):
        log_p = lib.log(lib.tensor([[0.5, 0.5], [1.0, 1.0]])).requires_grad_()
        loss = lib.nn.functional.kl_div(log_p, lib.tensor([[1.0, 0.0], [0.0, 0.0]]),
                                        reduction="batchmean")
        loss.backward()
        return loss.detach().numpy(), log_p.grad.numpy()

    for ours, theirs in zip(run(pg), run(torch), strict=True):
        assert_close(ours, theirs)


def test_the_mean_of_kl_div_warns_as_in_pytorch():
    for lib, text in ((torch, "batchmean"), (pg, "batchmean")):
        with pytest.warns(UserWarning, match=text):
            lib.nn.KLDivLoss()(lib.zeros(2, 3), lib.ones(2, 3))


@pytest.mark.parametrize("name", ["SmoothL1Loss", "HuberLoss"])
def test_two_shapes_give_a_warning_as_in_pytorch(name):
    for lib in (torch, pg):
        with pytest.warns(UserWarning, match="target size"):
            getattr(lib.nn, name)()(lib.zeros(3, 1), lib.zeros(3))


BAD = [
    (lambda lib: lib.nn.functional.smooth_l1_loss(lib.zeros(2), lib.zeros(2), beta=-1.0),
     RuntimeError, "beta of at least 0, got -1"),
    (lambda lib: lib.nn.SmoothL1Loss(beta=-1.0)(lib.zeros(2), lib.zeros(2)),
     RuntimeError, "beta of at least 0, got -1"),
    (lambda lib: lib.nn.HuberLoss(delta=0.0)(lib.zeros(2), lib.zeros(2)),
     RuntimeError, "delta above 0, got 0"),
    (lambda lib: lib.nn.functional.huber_loss(lib.zeros(2), lib.zeros(2), weight=lib.ones(1)),
     ValueError, r"input's shape \(2,\), got \(1,\)"),
    (lambda lib: lib.nn.BCELoss()(lib.zeros(2, 1), lib.zeros(2)), ValueError,
     r"shape \(2, 1\), got \(2,\); use e.g. target.unsqueeze"),
    (lambda lib: lib.nn.BCELoss()(lib.zeros(2) - 1, lib.zeros(2)), RuntimeError,
     "input between 0 and 1, got numbers from -1 to -1; apply sigmoid"),
    (lambda lib: lib.nn.BCELoss()(lib.zeros(2) + float("nan"), lib.zeros(2)), RuntimeError,
     "input between 0 and 1"),
    (lambda lib: lib.nn.BCELoss()(lib.zeros(2), lib.zeros(2) + 2), RuntimeError,
     "target between 0 and 1, got numbers from 2 to 2"),
    (lambda lib: lib.nn.BCELoss()(lib.zeros(2), lib.zeros(2).long()), RuntimeError,
     r"dtype plugrad.float32, got plugrad.int64; use target.to"),
    (lambda lib: lib.nn.functional.kl_div(lib.zeros(2), lib.ones(2), reduction="some"),
     ValueError, "not a valid value for reduction"),
    (lambda lib: lib.nn.functional.poisson_nll_loss(lib.zeros(2), lib.ones(2), reduction="some"),
     ValueError, "not a valid value for reduction"),
    (lambda lib: lib.nn.GaussianNLLLoss()(lib.zeros(2), lib.ones(2), lib.ones(2) - 3), ValueError,
     "var of at least 0, got -2"),
    (lambda lib: lib.nn.GaussianNLLLoss()(lib.zeros(2), lib.ones(2), -2.0), ValueError,
     "var of at least 0, got -2"),
    *((lambda lib, shape=shape: lib.nn.GaussianNLLLoss()(
        lib.zeros(2, 3), lib.zeros(2, 3), lib.ones(shape)), ValueError, "var of shape .*, got")
      for shape in ((3,), (1, 1), (1,), (), (4, 3))),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_a_misspelt_reduction_is_refused_by_the_constructor():
    for make in (nn.KLDivLoss, nn.SmoothL1Loss, nn.BCELoss, nn.GaussianNLLLoss, nn.PoissonNLLLoss):
        with pytest.raises(ValueError, match="expected one of none, mean, sum"):
            make(reduction="avg")


@pytest.mark.parametrize("name", ["smooth_l1_loss", "huber_loss", "binary_cross_entropy", "kl_div",
                                  "poisson_nll_loss"])
def test_what_is_no_tensor_is_refused(name):
    with pytest.raises(TypeError, match=f"^{name}: expected target to be a Tensor, got list"):
        getattr(F, name)(pg.zeros(2), [0.0, 1.0])
