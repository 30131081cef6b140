"""Every built-in normalization against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from .parity import Row, cases, check, check_refusal, check_signature, converted, same_modules, x

BATCH_NORM = [{}, {"eps": 0.1}, {"momentum": 0.3}, {"momentum": None}, {"affine": False},
              {"track_running_stats": False}, {"affine": False, "track_running_stats": False},
              {"bias": False}]
LAYER_NORM = [{}, {"eps": 0.1}, {"bias": False}, {"elementwise_affine": False}]

ROWS = [
    *(Row("BatchNorm1d", {"num_features": 3} | options, (inputs,))
      for options in BATCH_NORM for inputs in (x(5, 3), x(2, 3, 4))),
    *(Row("BatchNorm2d", {"num_features": 3} | options, (x(2, 3, 4, 5),))
      for options in BATCH_NORM),
    Row("BatchNorm2d", {"num_features": 3}, (x(2, 3, 4, 5) * 5 + 100,)),
    *(Row("LayerNorm", {"normalized_shape": shape} | options, (x(4, 2, 3),))
      for options in LAYER_NORM for shape in (3, (2, 3), (4, 2, 3))),
]


@cases(ROWS)
def test_normalization_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_constructor_is_pytorchs(name):
    check_signature(getattr(nn, name), getattr(torch.nn, name))


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_functional_form_is_pytorchs(name):
    check_signature(getattr(F, name), getattr(torch.nn.functional, name))


@pytest.mark.parametrize("momentum", [0.1, None])
def test_running_statistics_follow_pytorchs_over_several_batches(momentum):
    row = Row("BatchNorm1d", {"num_features": 2, "momentum": momentum})
    ours, theirs = same_modules(row, "float64")
    for seed in range(4):
        batch = x(6, 2, seed=seed)
        ours(converted(pg, batch, "float64"))
        theirs(converted(torch, batch, "float64"))

    for name, expected in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name].numpy(), expected.numpy(), rtol=1e-12)


def test_parameters_and_statistics_begin_as_pytorchs():
    for ours, theirs in ((nn.BatchNorm2d(3), torch.nn.BatchNorm2d(3)),
                         (nn.LayerNorm((2, 3)), torch.nn.LayerNorm((2, 3)))):
        assert {name: (v.tolist(), str(v.dtype).rpartition(".")[2])
                for name, v in ours.state_dict().items()} == {
            name: (v.tolist(), str(v.dtype).rpartition(".")[2])
            for name, v in theirs.state_dict().items()}


BAD = [
    (lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(1, 3)), ValueError, "more than 1 value"),
    (lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(2, 3, 4, 5)), ValueError, "expected 2D or 3D"),
    (lambda lib: lib.nn.BatchNorm2d(3)(lib.zeros(2, 3)), ValueError, "expected 4D"),
    (lambda lib: lib.nn.BatchNorm2d(3)(lib.zeros(2, 4, 5, 5)), (RuntimeError, ValueError), "4"),
    (lambda lib: lib.nn.LayerNorm(3)(lib.zeros(2, 4)), RuntimeError, r"\(2, 4\)"),
    (lambda lib: lib.nn.functional.batch_norm(lib.zeros(2, 3), None, None),
     (RuntimeError, ValueError), "running_mean"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)
