"""Every built-in loss against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from .parity import Row, cases, check, check_refusal, converted, labels, x

REDUCTIONS = ("mean", "sum", "none")
WEIGHT = np.array([0.5, 2.0, 1.5])


def probabilities(*shape):
    p = np.exp(x(*shape, seed=5))
    return p / p.sum(1, keepdims=True)


def log_probabilities(*shape):
    return np.log(probabilities(*shape))


IGNORED = labels(6, below=3)
IGNORED[[1, 4]] = -100
ZERO_IGNORED = labels(2, 4, below=3)
SHAPES = ((6, 3), (2, 3, 4), (2, 3, 2, 2))

ROWS = [
    *(Row(name, {"reduction": reduction}, (x(*shape), x(*shape, seed=1)))
      for name in ("MSELoss", "L1Loss") for reduction in REDUCTIONS
      for shape in ((4, 3), (5,), (), (2, 2, 2))),
    *(Row("BCEWithLogitsLoss", {"reduction": reduction} | options,
          (x(4, 3), np.clip(x(4, 3, seed=1) * 0.3 + 0.5, 0, 1)))
      for reduction in REDUCTIONS
      for options in ({}, {"weight": WEIGHT}, {"pos_weight": WEIGHT},
                      {"weight": x(4, 1) ** 2, "pos_weight": WEIGHT})),
    Row("BCEWithLogitsLoss", {}, (np.array([-1e3, -20.0, 0.0, 20.0, 1e3]), x(5) > 0.0)),
    *(Row("NLLLoss", {"reduction": reduction} | options,
          (log_probabilities(*shape), labels(shape[0], *shape[2:], below=3)))
      for reduction in REDUCTIONS for shape in SHAPES for options in ({}, {"weight": WEIGHT})),
    *(Row("NLLLoss", {"reduction": reduction} | options, (log_probabilities(6, 3), IGNORED))
      for reduction in REDUCTIONS for options in ({}, {"weight": WEIGHT})),
    Row("NLLLoss", {}, (x(3), np.array(1))),
    *(Row("CrossEntropyLoss", {"reduction": reduction} | options,
          (x(*shape), labels(shape[0], *shape[2:], below=3)))
      for reduction in REDUCTIONS for shape in SHAPES
      for options in ({}, {"weight": WEIGHT}, {"label_smoothing": 0.1},
                      {"weight": WEIGHT, "label_smoothing": 0.1})),
    *(Row("CrossEntropyLoss", {"reduction": reduction} | options, (x(6, 3), IGNORED))
      for reduction in REDUCTIONS
      for options in ({}, {"weight": WEIGHT}, {"weight": WEIGHT, "label_smoothing": 0.2})),
    *(Row("CrossEntropyLoss", {"ignore_index": 0} | options, (x(2, 3, 4), ZERO_IGNORED))
      for options in ({}, {"weight": WEIGHT}, {"label_smoothing": 0.2})),
    *(Row("CrossEntropyLoss", {"reduction": reduction} | options,
          (x(*shape), probabilities(*shape)))
      for reduction in REDUCTIONS for shape in SHAPES
      for options in ({}, {"weight": WEIGHT}, {"weight": WEIGHT, "label_smoothing": 0.1})),
    Row("CrossEntropyLoss", {}, (x(3), np.array(1))),
    Row("CrossEntropyLoss", {"label_smoothing": 0.1}, (x(3), np.array([0.2, 0.5, 0.3]))),
    Row("CrossEntropyLoss", {}, (x(6, 3) * 1000, labels(6, below=3))),
    *(Row(f"F.{name}", {"reduction": reduction} | options, (x(4, 3), x(4, 3, seed=1)))
      for name in ("mse_loss", "l1_loss") for reduction in REDUCTIONS
      for options in ({}, {"weight": x(4, 3, seed=2) ** 2})),
    *(Row("F.binary_cross_entropy_with_logits", {"reduction": reduction} | options,
          (x(4, 3), np.clip(x(4, 3, seed=1) * 0.3 + 0.5, 0, 1)))
      for reduction in REDUCTIONS for options in ({}, {"weight": WEIGHT, "pos_weight": WEIGHT})),
    *(Row("F.nll_loss", {"reduction": reduction} | options, (log_probabilities(6, 3), IGNORED))
      for reduction in REDUCTIONS for options in ({}, {"weight": WEIGHT, "ignore_index": -100})),
    *(Row("F.cross_entropy", {"reduction": reduction} | options, (x(6, 3), labels(6, below=3)))
      for reduction in REDUCTIONS
      for options in ({}, {"weight": WEIGHT, "ignore_index": 1, "label_smoothing": 0.1})),
]
ROWS = [row if row.inputs[1].dtype != bool else
        Row(row.name, row.options, (row.inputs[0], row.inputs[1].astype(float))) for row in ROWS]


@cases(ROWS)
def test_loss_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss",
                                  "BCEWithLogitsLoss"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_an_empty_batch_gives_what_pytorch_gives(name, reduction):
    of_classes = name in ("CrossEntropyLoss", "NLLLoss")
    target = np.zeros(0, np.int64) if of_classes else np.zeros((0, 3))

    def run(lib):
        loss = getattr(lib.nn, name)(reduction=reduction)
        return loss(*(converted(lib, a, "float32") for a in (np.zeros((0, 3)), target))).numpy()

    np.testing.assert_array_equal(run(pg), run(torch))


def test_a_batch_of_ignored_labels_gives_what_pytorch_gives():
    def run(lib):
        return lib.nn.functional.cross_entropy(lib.zeros(2, 3), lib.tensor([-100, -100])).numpy()

    np.testing.assert_array_equal(run(pg), run(torch))


def test_an_impossible_class_that_is_ignored_does_not_spoil_the_loss():
    log_p = pg.tensor([[-float("inf"), 0.0], [-1.0, -2.0]])

    assert F.nll_loss(log_p, pg.tensor([-100, 1])).item() == 2.0


BAD_LABELS = [
    ([0, 3, 1], IndexError, r"labels in \[0, 3\) .*got 3 at position \(1,\)"),
    ([0, 1, -1], IndexError, r"labels in \[0, 3\) .*got -1 at position \(2,\)"),
    ([0.0, 1.0, 2.0], RuntimeError, r"integers in \[0, 3\), got plugrad.float32 .*target.long"),
    ([True, False, True], RuntimeError, r"integers in \[0, 3\), got plugrad.bool"),
]


@pytest.mark.parametrize("function", ["cross_entropy", "nll_loss"])
@pytest.mark.parametrize("target, error, text", BAD_LABELS)
def test_bad_labels_are_refused(function, target, error, text):
    with pytest.raises((IndexError, RuntimeError)):
        getattr(torch.nn.functional, function)(torch.zeros(3, 3), torch.tensor(target))
    with pytest.raises(error, match=f"^{function}: expected .*{text}"):
        getattr(F, function)(pg.zeros(3, 3), pg.tensor(target))


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_labels_may_be_any_integers(dtype):
    target = pg.tensor([0, 2]).to(getattr(pg, dtype))

    assert F.cross_entropy(pg.zeros(2, 3), target).item() == pytest.approx(np.log(3))


BAD = [
    (lambda lib: lib.nn.functional.cross_entropy(lib.zeros(3, 4), lib.tensor([0, 1])),
     (RuntimeError, ValueError), r"labels of shape \(3,\) for"),
    (lambda lib: lib.nn.functional.cross_entropy(lib.zeros(1, 4), lib.tensor([0]), lib.ones(3)),
     RuntimeError, r"expected weight of shape \(4,\)"),
    (lambda lib: lib.nn.functional.mse_loss(lib.zeros(2), lib.zeros(2), reduction="some"),
     ValueError, "not a valid value for reduction"),
    (lambda lib: lib.nn.BCEWithLogitsLoss()(lib.zeros(2, 1), lib.zeros(2)), ValueError,
     r"\(2, 1\), got \(2,\)"),
    (lambda lib: lib.nn.functional.cross_entropy(lib.zeros(1, 4), lib.tensor([0]),
                                                 label_smoothing=2.0),
     (RuntimeError, ValueError), "label_smoothing"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_a_misspelt_reduction_is_refused_by_the_constructor():
    with pytest.raises(ValueError, match="expected one of none, mean, sum"):
        nn.MSELoss(reduction="avg")


@pytest.mark.parametrize("name", ["MSELoss", "L1Loss"])
def test_two_shapes_give_a_warning_as_in_pytorch(name):
    with pytest.warns(UserWarning, match="target size"):
        getattr(torch.nn, name)()(torch.zeros(3, 1), torch.zeros(3))
    with pytest.warns(UserWarning, match=r"target size \(3,\).*input size \(3, 1\)"):
        getattr(nn, name)()(pg.zeros(3, 1), pg.zeros(3))


@pytest.mark.parametrize("old", [
    {"size_average": False}, {"size_average": True}, {"reduce": False}, {"reduce": True},
    {"size_average": False, "reduce": False}], ids=str)
@pytest.mark.parametrize("name, function", [
    ("MSELoss", "mse_loss"), ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    ("CrossEntropyLoss", "cross_entropy"), ("PoissonNLLLoss", "poisson_nll_loss"),
    ("SmoothL1Loss", "smooth_l1_loss")])
def test_the_two_answers_of_older_scripts_mean_what_they_mean_in_pytorch(name, function, old):
    inputs = x(4, 3), probabilities(4, 3)

    with pytest.warns(UserWarning, match="size_average and reduce"):
        expected = getattr(torch.nn, name)(**old)(*map(torch.tensor, inputs))
    with pytest.warns(UserWarning, match="please use reduction="):
        module = getattr(nn, name)(**old)(*map(pg.tensor, inputs))
    with pytest.warns(UserWarning, match="please use reduction="):
        call = getattr(F, function)(*map(pg.tensor, inputs), **old)

    np.testing.assert_allclose(module.numpy(), expected.numpy(), rtol=1e-6)
    np.testing.assert_allclose(call.numpy(), expected.numpy(), rtol=1e-6)


def test_a_loss_of_ones_own_hands_on_what_it_was_given_in_pytorchs_order():
    class Own(nn.Loss):
        def __init__(self, size_average=None, reduce=None, reduction="mean"):
            super().__init__(size_average, reduce, reduction)

    with pytest.warns(UserWarning, match="reduction='sum'"):
        assert Own(False).reduction == "sum"
    assert Own(None, None, "none").reduction == Own(reduction="none").reduction == "none"
