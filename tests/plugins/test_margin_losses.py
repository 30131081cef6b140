"""Losses with a margin, and the distances that some of them measure, against PyTorch."""


import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import assert_close
from .parity import Row, cases, check, check_refusal, labels, x

REDUCTIONS = ("mean", "sum", "none")
SHAPES = ((4, 3), (5,), (), (2, 2, 2), (0, 3))
WEIGHT = np.array([0.5, 2.0, 1.5])
INF = float("inf")


def signs(*shape, seed=0):
    return labels(*shape, below=2, seed=seed) * 2 - 1


def several(*options):
    """Every reduction with each of the options."""
    return [{"reduction": reduction} | more for reduction in REDUCTIONS for more in options]


def triplets(*shape):
    return x(*shape), x(*shape, seed=1), x(*shape, seed=2)


LISTS = np.array([[0, -1, 1], [1, 2, -1], [-1, 0, 1], [0, 1, 2], [2, 2, -1]])

ROWS = [
    *(Row("HingeEmbeddingLoss", options, (x(*shape), signs(*shape)))
      for options in several({}, {"margin": 0.3}) for shape in SHAPES),
    Row("HingeEmbeddingLoss", {"reduction": "none"}, (x(3), np.array([-1, 0, 1]))),
    Row("HingeEmbeddingLoss", {}, (x(4, 3), signs(3).astype(float))),
    *(Row("SoftMarginLoss", options, (x(*shape) * 3, signs(*shape)))
      for options in several({}) for shape in SHAPES),
    Row("SoftMarginLoss", {}, (np.array([-80.0, 80.0, 0.0]), np.array([1, 1, 1]))),
    *(Row("MarginRankingLoss", options, (x(*shape), x(*shape, seed=1), signs(*shape)))
      for options in several({}, {"margin": 0.5}) for shape in SHAPES),
    Row("MarginRankingLoss", {"margin": 1.0}, (x(4, 1), x(1, 3), x(4, 3, seed=1))),
    Row("MarginRankingLoss", {}, (x(4, 3), x(4, 3), signs(4, 3))),              # at the corner
    *(Row("MultiMarginLoss", options, (x(5, 3), labels(5, below=3)))
      for options in several({}, {"p": 2}, {"margin": 0.3}, {"weight": WEIGHT},
                             {"p": 2, "margin": 2.0, "weight": WEIGHT})),
    *(Row("MultiMarginLoss", options, inputs) for options in several({})
      for inputs in ((x(3), np.array(1)), (x(3), np.array([1])), (x(1, 3), np.array([2])),
                     (np.zeros((2, 3)), labels(2, below=3)))),
    Row("MultiMarginLoss", {}, (np.array([[0.0, 1.0, 2.0]]), np.array([2]))),   # at the corner
    *(Row("MultiLabelMarginLoss", options, inputs) for options in several({})
      for inputs in ((x(5, 3), LISTS), (x(3), LISTS[1]),
                     (x(2, 6), np.array([[5, 0, 3, -1, 3, 3], [-1, -1, -1, -1, -1, -1]])))),
    *(Row("MultiLabelSoftMarginLoss", options, (x(*shape) * 3, labels(*shape, below=2)))
      for options in several({}, {"weight": WEIGHT}) for shape in ((4, 3), (3,), (2, 4, 3))),
    Row("MultiLabelSoftMarginLoss", {}, (x(4, 3), np.abs(np.tanh(x(4, 3, seed=1))))),
    Row("MultiLabelSoftMarginLoss", {}, (np.array([-1e3, 0.0, 1e3]), np.array([1.0, 1.0, 0.0]))),
    *(Row("CosineEmbeddingLoss", options, (x(5, 3), x(5, 3, seed=1), signs(5)))
      for options in several({}, {"margin": 0.5}, {"margin": -0.5})),
    Row("CosineEmbeddingLoss", {"reduction": "none"}, (x(3), x(3, seed=1), np.array(-1))),
    Row("CosineEmbeddingLoss", {"reduction": "none"}, (x(3, 4), x(1, 4), np.array([1, 0, -1]))),
    Row("CosineEmbeddingLoss", {"reduction": "sum"}, (x(0, 3), x(0, 3), signs(0))),
    *(Row("TripletMarginLoss", options, triplets(5, 4))
      for options in several({}, {"margin": 0.3}, {"p": 1}, {"p": 3.0}, {"swap": True},
                             {"p": INF, "swap": True}, {"eps": 0.1})),
    *(Row("TripletMarginLoss", {"reduction": "none"}, triplets(*shape))
      for shape in ((3,), (2, 3, 4), (0, 4))),
    *(Row("TripletMarginWithDistanceLoss", options, triplets(5, 4))
      for options in several({}, {"margin": 0.3}, {"swap": True},
                             {"distance_function": lambda a, b: (a - b).square().mean(-1)})),
    *(Row("PairwiseDistance", options, (x(5, 3), x(5, 3, seed=1)))
      for options in ({}, {"p": 1}, {"p": 3}, {"p": 1.5}, {"p": INF}, {"p": 0}, {"eps": 0.1},
                      {"keepdim": True})),
    *(Row("PairwiseDistance", {}, inputs)
      for inputs in ((x(3), x(3, seed=1)), (x(4, 3), x(3)), (x(2, 1, 3), x(4, 3)),
                     (x(0, 3), x(0, 3)), (x(4, 3), x(4, 3)))),
    *(Row("CosineSimilarity", options, inputs)
      for options, inputs in (({}, (x(5, 3), x(5, 3, seed=1))),
                              ({"dim": 0}, (x(5, 3), x(5, 3, seed=1))),
                              ({"dim": -1, "eps": 2.0}, (x(5, 3), x(5, 3, seed=1))),
                              ({"dim": 2}, (x(2, 1, 4), x(3, 4))), ({"dim": 1}, (x(2, 1), x(2, 3))),
                              ({}, (x(0, 3), x(0, 3))), ({"dim": 0}, (x(3), x(3, seed=1))))),
    Row("F.hinge_embedding_loss", {"margin": 0.5}, (x(4, 3), signs(4, 3))),
    Row("F.soft_margin_loss", {}, (x(4, 3), signs(4, 3))),
    Row("F.margin_ranking_loss", {"margin": 0.5}, (x(4), x(4, seed=1), signs(4))),
    Row("F.multi_margin_loss", {"p": 2, "weight": WEIGHT}, (x(5, 3), labels(5, below=3))),
    Row("F.multilabel_margin_loss", {}, (x(5, 3), LISTS)),
    Row("F.multilabel_soft_margin_loss", {"weight": WEIGHT}, (x(4, 3), labels(4, 3, below=2))),
    Row("F.cosine_embedding_loss", {"margin": 0.2}, (x(5, 3), x(5, 3, seed=1), signs(5))),
    Row("F.triplet_margin_loss", {"p": 1, "swap": True}, triplets(5, 4)),
    Row("F.triplet_margin_with_distance_loss", {"swap": True}, triplets(5, 4)),
    Row("F.pairwise_distance", {"p": 1, "keepdim": True}, (x(5, 3), x(5, 3, seed=1))),
    Row("F.cosine_similarity", {"dim": 0}, (x(5, 3), x(5, 3, seed=1))),
]
BUILT_IN_C = {"F.pairwise_distance": "p=2.0, eps=1e-6, keepdim=False",
              "F.cosine_similarity": "dim=1, eps=1e-8"}
ROWS = [Row(row.name, row.options, tuple(map(np.asarray, row.inputs))) for row in ROWS]


@cases(ROWS)
def test_loss_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


def test_soft_margin_loss_is_finite_where_exp_overflows():
    scores = pg.tensor([-1000.0, 1000.0], requires_grad=True)

    losses = nn.SoftMarginLoss(reduction="none")(scores, pg.ones(2))
    losses.sum().backward()

    assert losses.tolist() == [1000.0, 0.0]
    assert scores.grad.tolist() == [-1.0, 0.0]


def test_an_empty_batch_gives_what_pytorch_gives():
    def run(lib):
        empty = lib.zeros(0, 3)
        return [loss(empty, target).numpy() for reduction in REDUCTIONS for loss, target in (
            (lib.nn.SoftMarginLoss(reduction=reduction), empty),
            (lib.nn.HingeEmbeddingLoss(reduction=reduction), empty))]

    for ours, theirs in zip(run(pg), run(torch), strict=True):
        assert_close(ours, theirs)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name, shape", [("MultiMarginLoss", (0,)),
                                         ("MultiLabelMarginLoss", (0, 3))])
def test_the_margin_loss_of_an_empty_batch_is_0(name, shape, reduction):
    """PyTorch's mean and sum are what the memory happened to hold."""
    loss = getattr(nn, name)(reduction=reduction)(pg.zeros(0, 3), pg.zeros(shape).long())

    assert loss.numpy().sum() == 0 and loss.shape == ((0,) if reduction == "none" else ())


def test_a_zero_vector_has_a_cosine():
    """Second gradients are left out: PyTorch's are NaN."""
    def run(lib):
        a, b = lib.zeros(2, 3, requires_grad=True), lib.ones(2, 3)
        cos = lib.nn.CosineSimilarity()(a, b)
        cos.sum().backward()
        return cos.detach().numpy(), a.grad.numpy()

    for ours, theirs in zip(run(pg), run(torch), strict=True):
        assert_close(ours, theirs)


def test_a_distance_that_is_a_module_is_a_part_of_the_loss():
    for lib in (torch, pg):
        loss = lib.nn.TripletMarginWithDistanceLoss(distance_function=lib.nn.Linear(1, 1))
        assert list(loss.state_dict()) == ["distance_function.weight", "distance_function.bias"]


LONG = [0, 1]
BAD = [
    (lambda lib: lib.nn.MultiMarginLoss(p=3), ValueError, "p to be 1 or 2, got 3"),
    (lambda lib: lib.nn.functional.multi_margin_loss(lib.zeros(2, 3), lib.tensor(LONG), p=3),
     ValueError, "p to be 1 or 2, got 3"),
    (lambda lib: lib.nn.MultiMarginLoss(weight=lib.ones(2, 3)), ValueError, r"got shape \(2, 3\)"),
    *((lambda lib, target=target: lib.nn.MultiMarginLoss()(lib.zeros(2, 3), lib.tensor(target)),
       RuntimeError, text)
      for target, text in (([0, 3], r"labels in \[0, 3\), got labels from 0 to 3"),
                           ([-1, 1], "got labels from -1 to 1"), ([0.0, 1.0], "int64, got"),
                           ([0], r"shape \(2,\) for input of shape \(2, 3\), got \(1,\)"))),
    (lambda lib: lib.nn.MultiMarginLoss()(lib.zeros(2, 3, 4), lib.tensor(LONG)), RuntimeError,
     r"scores \(N, C\) or \(C,\), got shape \(2, 3, 4\)"),
    (lambda lib: lib.nn.MultiMarginLoss(weight=lib.ones(4))(lib.zeros(2, 3), lib.tensor(LONG)),
     RuntimeError, r"weight of shape \(3,\).*got \(4,\)"),
    *((lambda lib, target=target: lib.nn.MultiLabelMarginLoss()(lib.zeros(3), lib.tensor(target)),
       RuntimeError, text)
      for target, text in (([0, 3, -1], "got labels from -1 to 3"), ([0, -2, 1], "from -2 to 1"),
                           ([0.0, 1.0, -1.0], "int64, got"), ([0, 1], r"\(3,\).*got \(2,\)"))),
    (lambda lib: lib.nn.MultiLabelMarginLoss()(lib.zeros(2, 3, 4), lib.zeros(2, 3, 4).long()),
     RuntimeError, r"scores \(N, C\) or \(C,\)"),
    (lambda lib: lib.nn.MarginRankingLoss()(lib.zeros(2, 3), lib.zeros(3), lib.zeros(3)),
     RuntimeError, r"got shapes \(2, 3\), \(3,\), \(3,\)"),
    *((lambda lib, shapes=shapes: lib.nn.CosineEmbeddingLoss()(*map(lib.ones, shapes)),
       RuntimeError, "got shapes")
      for shapes in (((2, 3), (2, 3), ()), ((3,), (3,), (1,)), ((2, 3, 4), (2, 3, 4), (2,)))),
    (lambda lib: lib.nn.TripletMarginLoss(margin=-1), ValueError, "margin above 0, got -1"),
    (lambda lib: lib.nn.TripletMarginWithDistanceLoss(margin=0), ValueError, "margin above 0"),
    (lambda lib: lib.nn.functional.triplet_margin_loss(*[lib.zeros(2, 3)] * 3, margin=0),
     ValueError, "margin above 0, got 0"),
    (lambda lib: lib.nn.TripletMarginLoss()(lib.zeros(2, 3), lib.zeros(3), lib.zeros(2, 3)),
     RuntimeError, r"got shapes \(2, 3\), \(3,\), \(2, 3\)"),
    (lambda lib: lib.nn.CosineSimilarity()(lib.zeros(2, 3).long(), lib.zeros(2, 3).long()),
     RuntimeError, "floating-point numbers, got plugrad.int64"),
    (lambda lib: lib.nn.CosineSimilarity(dim=2)(lib.zeros(2, 3), lib.zeros(2, 3)), IndexError,
     "dim"),
    (lambda lib: lib.nn.PairwiseDistance()(lib.zeros(2, 3), lib.zeros(2, 4)), RuntimeError,
     "shape"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="soft_margin_loss: expected target to be a Tensor, got l"):
        F.soft_margin_loss(pg.zeros(2), [1, -1])
    with pytest.raises(TypeError, match="margin_ranking_loss: expected input2 to be a Tensor"):
        F.margin_ranking_loss(pg.zeros(2), 1.0, pg.ones(2))


class TestHingeLoss:
    def test_is_the_formula(self):
        scores, target = pg.tensor([2.0, 0.5, -1.0, 0.25]), pg.tensor([1, 1, 1, -1])

        assert nn.HingeLoss(reduction="none")(scores, target).tolist() == [0, 0.5, 2, 1.25]
        assert nn.HingeLoss(margin=0.0)(scores, target).item() == 1.25 / 4
        assert F.hinge_loss(scores, target, 0.5, reduction="sum").item() == 2.25
        assert repr(nn.HingeLoss()) == "HingeLoss(margin=1.0)"

    @pytest.mark.parametrize("target, text", [
        ([0, 1, 1], r"targets -1 and 1, got numbers from 0 to 1.*2 \* target - 1"),
        ([[1], [1], [1]], r"shape \(3,\), got \(3, 1\)")])
    def test_refuses_other_targets(self, target, text):
        with pytest.raises(ValueError, match=text):
            nn.HingeLoss()(pg.zeros(3), pg.tensor(target))
