"""Embedding, EmbeddingBag and Bilinear against PyTorch."""


import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from .parity import (
    Row,
    cases,
    check,
    check_begin,
    check_refusal,
    check_signature,
    labels,
    of,
    x,
)

SIZES = {"num_embeddings": 6, "embedding_dim": 3}
AT = labels(9, below=6)
OFFSETS = np.array([0, 3, 3, 4])                      # bags of 3, 0, 1 and 5 numbers
TWICE = np.array([4, 1, 0, 1, 4, 0])                  # every number as often as any other
MODES = ("sum", "mean", "max")
ROWS = [
    *(Row("Embedding", SIZES | options, (indices,)) for options in (
        {}, {"padding_idx": 2}, {"padding_idx": -1}, {"scale_grad_by_freq": True},
        {"padding_idx": 0, "scale_grad_by_freq": True}, {"max_norm": 1.5},
        {"max_norm": 2, "norm_type": 1.0}, {"max_norm": 1.0, "norm_type": float("inf")},
        {"max_norm": 1.5, "padding_idx": 1})
      for indices in (AT, labels(2, 4, below=6), labels(2, 3, 2, below=6).astype(np.int32))),
    *(Row("Embedding", SIZES, (indices,)) for indices in (
        np.array(3), labels(0, below=6), labels(0, 4, below=6), labels(2, 0, below=6))),
    Row("Embedding", {"num_embeddings": 6, "embedding_dim": 0}, (AT,)),
    Row("Embedding", {"num_embeddings": 6, "embedding_dim": 70}, (labels(400, below=6),)),
    *(Row("EmbeddingBag", SIZES | {"mode": mode} | options, inputs) for mode in MODES
      for options in ({}, {"padding_idx": 2}, {"padding_idx": -1}, {"max_norm": 1.5},
                      {"max_norm": 2.5, "norm_type": 1.0, "padding_idx": 1})
      for inputs in ((AT, OFFSETS), (labels(3, 4, below=6),))),
    *(Row("EmbeddingBag", SIZES | {"mode": mode, "include_last_offset": True},
          (AT, np.array([0, 3, 3, 9]))) for mode in MODES),
    *(Row("EmbeddingBag", SIZES | {"mode": mode}, inputs) for mode in MODES for inputs in (
        (AT.astype(np.int32), OFFSETS.astype(np.int32)), (AT, np.array([0, 2, 9])),
        (np.array([1, 1, 1, 3]), np.array([0, 2])), (labels(0, 4, below=6),),
        (labels(0, below=6), np.array([0, 0])), (labels(0, below=6), labels(0, below=1)),
        (np.array([2, 2, 5]), np.array([0, 2])))),
    *(Row("EmbeddingBag", SIZES | {"mode": mode, "padding_idx": 2}, (np.array([2, 2, 5]),
      np.array([0, 2]))) for mode in MODES),
    *(Row("EmbeddingBag", SIZES | {"mode": mode, "scale_grad_by_freq": True},
          (TWICE, np.array([0, 4]))) for mode in MODES[:2]),
    *(Row("F.one_hot", options, (indices,)) for indices in (AT, labels(2, 3, below=4), np.array(2))
      for options in ({}, {"num_classes": 7})),
    *(Row("F.embedding", options, (labels(2, 4, below=6), x(6, 3)))
      for options in ({}, {"padding_idx": -2}, {"scale_grad_by_freq": True})),
    *(Row("F.embedding_bag", {"mode": mode}, (AT, x(6, 3), OFFSETS)) for mode in MODES),
    *(Row("F.embedding_bag", {"mode": "sum", "per_sample_weights": x(9)} | options,
          (AT, x(6, 3), OFFSETS)) for options in ({}, {"padding_idx": 3})),
    Row("F.embedding_bag", {"mode": "sum", "per_sample_weights": x(3, 4)},
        (labels(3, 4, below=6), x(6, 3))),
    *(Row("Bilinear", {"in1_features": 2, "in2_features": 3, "out_features": out, "bias": bias},
          inputs) for bias in (True, False) for out in (1, 4) for inputs in (
        (x(5, 2), x(5, 3)), (x(2), x(3)), (x(2, 5, 2), x(2, 5, 3)), (x(0, 2), x(0, 3)))),
    Row("F.bilinear", {}, (x(5, 2), x(5, 3), x(4, 2, 3), x(4))),
    Row("F.bilinear", {}, (x(5, 2), x(5, 3), x(4, 2, 3))),
]


@cases(ROWS)
def test_component_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_signature_of_from_pretrained_is_pytorchs(name):
    check_signature(of(pg, name).from_pretrained, of(torch, name).from_pretrained)


@pytest.mark.parametrize("row", [
    Row("Embedding", SIZES | {"padding_idx": -1}),
    Row("EmbeddingBag", SIZES | {"padding_idx": 1}),
], ids=str)
def test_parameters_begin_as_pytorchs(row):
    check_begin(row)


@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_the_row_for_padding_begins_as_zeros_and_gets_no_gradient(name):
    module = getattr(nn, name)(4, 3, padding_idx=-2)
    assert module.padding_idx == 2 and module.weight[2].tolist() == [0, 0, 0]

    module(pg.tensor([[2, 1, 2], [3, 2, 2]])).sum().backward()

    assert module.weight.grad[2].tolist() == [0, 0, 0] and module.weight.grad[1].tolist() != [0] * 3


def test_padding_cuts_off_even_what_is_not_a_number():
    module = nn.Embedding(3, 2, padding_idx=0)
    module(pg.tensor([0, 1])).backward(pg.tensor([[pg.nan, pg.inf], [1.0, 2.0]]))

    assert module.weight.grad.tolist() == [[0, 0], [1, 2], [0, 0]]


@pytest.mark.parametrize("name", ["embedding", "embedding_bag"])
def test_rows_that_are_read_are_shortened_in_place_as_by_pytorch(name):
    tables = []
    for lib in (pg, torch):
        table = lib.from_numpy(x(6, 3) * 2)
        getattr(lib.nn.functional, name)(lib.tensor([[1, 4, 1], [0, 4, 4]]), table, max_norm=1.0)
        tables.append(table.numpy())

    np.testing.assert_allclose(*tables, rtol=1e-14)
    assert (np.linalg.norm(tables[0], axis=1) > 1.01).any()          # a row that was not read


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_a_bag_divides_gradients_by_how_often_each_row_is_read(mode):
    # PyTorch divides by another row's count where counts differ.
    table, at = pg.from_numpy(x(6, 3)).requires_grad_(), pg.tensor([1, 2, 2, 1, 4, 1])
    bags = F.embedding_bag(at, table, pg.tensor([0, 2]), scale_grad_by_freq=True, mode=mode)
    expected = F.embedding_bag(at, table, pg.tensor([0, 2]), mode=mode)

    got, = pg.autograd.grad([bags.sum()], [table])
    plain, = pg.autograd.grad([expected.sum()], [table])

    count = np.bincount(at.numpy(), minlength=6).clip(1)[:, None]
    np.testing.assert_allclose(got.numpy(), plain.numpy() / count)
    assert np.array_equal(bags.detach().numpy(), expected.detach().numpy())


@pytest.mark.parametrize("padding_idx", [None, 1])
@pytest.mark.parametrize("two", [False, True])
def test_gradients_of_weights_of_samples_are_pytorchs(two, padding_idx):
    found = []
    for lib in (pg, torch):
        table = lib.from_numpy(x(6, 3)).requires_grad_()
        factors = lib.from_numpy(x(2, 3) if two else x(6)).requires_grad_()
        at = lib.tensor([[1, 4, 1], [0, 4, 2]])
        y = lib.nn.EmbeddingBag(6, 3, mode="sum", _weight=table, padding_idx=padding_idx)(
            at if two else at.reshape(-1), None if two else lib.tensor([0, 2]), factors)
        (y * y).sum().backward()
        found.append((y.detach().numpy(), factors.grad.numpy()))

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
@pytest.mark.parametrize("freeze", [True, False])
def test_a_given_table_is_kept_and_learns_only_if_asked(name, freeze):
    for lib in (pg, torch):
        table = lib.arange(6.0).reshape(3, 2)
        module = getattr(lib.nn, name).from_pretrained(table, freeze=freeze, padding_idx=1)

        assert module.weight.tolist() == [[0, 1], [2, 3], [4, 5]]
        assert module.weight.requires_grad is not freeze and module.padding_idx == 1
        assert module.weight.data_ptr() == table.data_ptr()
        assert repr(module).startswith(f"{name}(3, 2, ")


def test_an_embedding_can_share_its_table_with_a_linear_layer():
    embed, head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
    head.weight = embed.weight

    head(embed(pg.tensor([1, 4]))).sum().backward()

    assert tuple(embed.weight.grad.shape) == (5, 3) and head.weight.grad is embed.weight.grad


def bag(lib, *args, mode="sum", **options):
    return lib.nn.EmbeddingBag(5, 2, mode=mode, **options)(*args)


BAD = [
    (lambda lib: lib.nn.Embedding(5, 2)(lib.tensor([5])), IndexError, "index 5 is out of range"),
    (lambda lib: lib.nn.Embedding(5, 2)(lib.tensor([1, -1])), IndexError, "index -1 is out"),
    (lambda lib: lib.nn.Embedding(5, 2)(lib.tensor([1.0])), RuntimeError, "convert it with .long"),
    (lambda lib: lib.nn.Embedding(5, 2)(lib.tensor([True])), RuntimeError, "got plugrad.bool"),
    (lambda lib: lib.nn.Embedding(5, 2)([1]), TypeError, "input to be a Tensor, got list"),
    (lambda lib: lib.nn.Embedding(-5, 2), (RuntimeError, ValueError), "num_embeddings"),
    (lambda lib: lib.nn.Embedding(5, 2, padding_idx=5), (AssertionError, ValueError),
     "Embedding: padding_idx: expected one of 5 rows, -5 to 4, got 5"),
    (lambda lib: lib.nn.Embedding(5, 2, padding_idx=-6), (AssertionError, ValueError), "got -6"),
    (lambda lib: lib.nn.Embedding(5, 2, _weight=lib.zeros(3, 2)), (AssertionError, ValueError),
     r"_weight of shape \(5, 2\), got \(3, 2\)"),
    (lambda lib: lib.nn.Embedding.from_pretrained(lib.zeros(3)), (AssertionError, ValueError),
     "expected 2 dimensions"),
    (lambda lib: lib.nn.EmbeddingBag.from_pretrained(lib.zeros(3)), (AssertionError, ValueError),
     "expected 2 dimensions"),
    (lambda lib: lib.nn.functional.embedding(lib.tensor([1]), lib.zeros(5)), RuntimeError, "2-D"),
    (lambda lib: lib.nn.functional.embedding(lib.tensor([1]), lib.zeros(5, 2), padding_idx=7),
     (AssertionError, ValueError), "padding_idx"),
    (lambda lib: bag(lib, lib.tensor([1, 2])), ValueError, "expected 1D offsets .* got None"),
    (lambda lib: bag(lib, lib.tensor(1)), ValueError, r"expected input \(n,\) or \(B, L\)"),
    (lambda lib: bag(lib, lib.tensor([[1, 2]]), lib.tensor([0])), ValueError, "no offsets"),
    (lambda lib: bag(lib, lib.tensor([1, 2]), lib.tensor([1])), RuntimeError, "begin with 0"),
    (lambda lib: bag(lib, lib.tensor([1, 2]), lib.tensor([0, 3])), RuntimeError, "at most 2"),
    (lambda lib: bag(lib, lib.tensor([1, 2]), lib.tensor([[0]])), ValueError, "1D offsets"),
    (lambda lib: bag(lib, lib.tensor([1, 5]), lib.tensor([0])), RuntimeError, "index 5 is out"),
    (lambda lib: bag(lib, lib.tensor([1, -1]), lib.tensor([0])), RuntimeError, "index -1 is out"),
    (lambda lib: bag(lib, lib.tensor([1.0]), lib.tensor([0])), RuntimeError, "int64 or int32"),
    (lambda lib: bag(lib, lib.tensor([[1]]), mode="some"), ValueError, "'sum', 'mean', 'max'"),
    (lambda lib: bag(lib, lib.tensor([[1]]), mode="max", scale_grad_by_freq=True), ValueError,
     "does not support scale_grad_by_freq"),
    (lambda lib: bag(lib, lib.tensor([[1]]), None, lib.ones(1, 1), mode="mean"),
     NotImplementedError, "mode 'sum' only"),
    (lambda lib: bag(lib, lib.tensor([[1]]), None, lib.ones(1)), ValueError, r"shape \(1, 1\), as"),
    (lambda lib: bag(lib, lib.tensor([[1]]), None, lib.ones(1, 1, dtype=lib.float64)), RuntimeError,
     "dtype plugrad.float32"),
    (lambda lib: bag(lib, lib.tensor([1]), lib.zeros(0, dtype=lib.int64), include_last_offset=True),
     RuntimeError, "at least 1 offset"),
    (lambda lib: lib.nn.EmbeddingBag(5, 2, padding_idx=5), (AssertionError, ValueError), "padding"),
    (lambda lib: lib.nn.Bilinear(0, 3, 4), ValueError, "in1_features: expected at least 1"),
    (lambda lib: lib.nn.Bilinear(2, 3, 4)(lib.zeros(5, 2), lib.zeros(6, 3)), RuntimeError,
     r"\(5, 2\), \(6, 3\) and \(4, 2, 3\)"),
    (lambda lib: lib.nn.Bilinear(2, 3, 4)(lib.zeros(5, 2), lib.zeros(3)), RuntimeError, r"\(3,\)"),
    (lambda lib: lib.nn.Bilinear(2, 3, 4)(lib.zeros(5, 3), lib.zeros(5, 3)), RuntimeError, "bilin"),
    (lambda lib: lib.nn.functional.bilinear(lib.zeros(5, 2), lib.zeros(5, 3), lib.zeros(4, 2, 3),
                                            lib.zeros(3)), RuntimeError, "bias"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("call", [
    lambda: nn.Embedding(5, 2, sparse=True), lambda: nn.EmbeddingBag(5, 2, sparse=True),
    lambda: F.embedding(pg.tensor([1]), pg.zeros(5, 2), sparse=True),
])
def test_sparse_gradients_are_refused_in_a_sentence(call):
    with pytest.raises(ValueError, match="sparse gradients are not supported; leave sparse out"):
        call()
