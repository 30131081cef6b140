"""The adaptive softmax, and DataParallel where there is one device; as in PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import assert_close
from .parity import Row, cases, check, check_refusal, check_signature, labels, same_modules, x

NAME = "AdaptiveLogSoftmaxWithLoss"
OPTIONS = {"in_features": 32, "n_classes": 12, "cutoffs": [3, 7]}
ROWS = [
    *(Row(NAME, OPTIONS | more, (x(9, 32), labels(9, below=12)))
      for more in ({}, {"head_bias": True}, {"div_value": 2.0}, {"cutoffs": [5]},
                   {"cutoffs": [1, 2, 11]})),
    Row(NAME, OPTIONS, (x(4, 32), labels(4, below=3))),
    Row(NAME, OPTIONS, (x(32), np.array(8))),
]


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@cases(ROWS)
def test_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", [NAME, "DataParallel"])
def test_signature_is_pytorchs(name):
    check_signature(getattr(pg.nn, name), getattr(torch.nn, name))


def test_all_classes_and_the_likeliest():
    ours, theirs = same_modules(ROWS[0], "float64")
    a = x(9, 32)
    assert_close(ours.log_prob(pg.from_numpy(a)).detach().numpy(),
                 theirs.log_prob(torch.from_numpy(a)).detach().numpy())
    assert ours.predict(pg.from_numpy(a)).tolist() == theirs.predict(torch.from_numpy(a)).tolist()
    result = ours(pg.from_numpy(a), pg.arange(9))
    assert result.loss is result[1] and result.output is result[0]
    assert ours.cutoffs == theirs.cutoffs and ours.head_size == theirs.head_size


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_clusters_that_do_not_occur_are_not_computed(lib):
    layer = getattr(lib.nn, NAME)(32, 12, [3, 7], div_value=2.0)
    layer(lib.rand(2, 32), lib.tensor([0, 8])).loss.backward()
    assert layer.tail[0][0].weight.grad is None and layer.tail[1][0].weight.grad is not None


@pytest.mark.parametrize("call, error, text", [
    *((lambda lib, c=c: getattr(lib.nn, NAME)(4, 10, c), ValueError, "cutoffs that rise")
      for c in ([6, 3], [], [0, 3], [3, 3], [3, 10])),
    (lambda lib: getattr(lib.nn, NAME)(4, 10, [3])(lib.ones(2, 4), lib.tensor([1, 10])),
     RuntimeError, "labels from 0 to 9, got 1 to 10"),
    (lambda lib: getattr(lib.nn, NAME)(4, 10, [3])(lib.ones(2, 4), lib.tensor([1, -1])),
     RuntimeError, "labels from 0 to 9"),
    (lambda lib: getattr(lib.nn, NAME)(4, 10, [3])(lib.ones(2, 4), lib.tensor([1])), RuntimeError,
     r"expected input \(N, F\)"),
    (lambda lib: getattr(lib.nn, NAME)(4, 10, [3])(lib.ones(2, 2, 4), lib.tensor([1, 2])),
     RuntimeError, r"expected input \(N, F\)")])
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_data_parallel_on_one_device(lib):
    inner = lib.nn.Linear(3, 2)
    model = lib.nn.DataParallel(inner, device_ids=None)
    a = lib.rand(4, 3)
    assert model(a).tolist() == inner(a).tolist() and model.module is inner
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    assert repr(model).startswith("DataParallel(\n  (module): Linear(")
    assert model.device_ids == []


def test_a_module_without_its_first_numbers():
    for lib in (torch, pg):
        before = lib.get_rng_state()
        layer = lib.nn.utils.skip_init(lib.nn.Linear, 2, 3, device="cpu", bias=False)
        assert tuple(layer.weight.shape) == (3, 2) and layer.bias is None
        assert lib.equal(before, lib.get_rng_state()) and layer.weight.requires_grad
        with pytest.raises(RuntimeError):
            lib.nn.utils.skip_init(int)


def test_recurrent_layers_have_pytorchs_base_classes():
    for lib in (pg, torch):
        for name in ("RNN", "LSTM", "GRU"):
            assert isinstance(getattr(lib.nn, name)(2, 3), lib.nn.RNNBase)
            assert isinstance(getattr(lib.nn, name + "Cell")(2, 3), lib.nn.RNNCellBase)
