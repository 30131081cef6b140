"""Averaged weights and what goes with them are PyTorch's."""

import copy

import numpy as np
import plugrad as pg
import pytest
import torch

from ..plugins.parity import check_refusal, check_signature
from ..tolerances import assert_close

AVERAGES = {
    "plain": lambda swa: {},
    "swa": lambda swa: {"avg_fn": swa.get_swa_avg_fn()},
    "ema": lambda swa: {"avg_fn": swa.get_ema_avg_fn(0.8)},
    "swa of many": lambda swa: {"multi_avg_fn": swa.get_swa_multi_avg_fn()},
    "ema of many": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.8)},
    "the default ema": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn()},
    "own": lambda swa: {"avg_fn": lambda averaged, current, n: averaged * n - current},
}


def model(lib):
    """A layer and a normalization, the same in either library."""
    net = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.BatchNorm1d(4))
    for i, x in enumerate([*net.parameters(), *net.buffers()]):
        rng = np.random.default_rng(i)
        if x.is_floating_point():
            x.data.copy_(lib.tensor(rng.uniform(0.5, 1.5, tuple(x.shape))))
    return net


def change(lib, net, step):
    """What a training step might do to it."""
    for i, x in enumerate([*net.parameters(), *net.buffers()]):
        rng = np.random.default_rng([step, i])
        if x.is_floating_point():
            x.data.add_(lib.tensor(rng.uniform(0, 0.5, tuple(x.shape))).to(x.dtype))
        else:
            x.data.add_(7)


def numbers(net):
    return {name: x.numpy() for name, x in net.state_dict().items()}


@pytest.mark.parametrize("name", ["AveragedModel", "SWALR", "get_ema_avg_fn", "get_swa_avg_fn",
                                  "get_ema_multi_avg_fn", "get_swa_multi_avg_fn", "update_bn"])
def test_signatures_are_pytorchs(name):
    ours, theirs = (getattr(lib.optim.swa_utils, name) for lib in (pg, torch))
    check_signature(ours, theirs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("average, use_buffers", [
    (average, use_buffers) for average in AVERAGES for use_buffers in (False, True)
    if not (use_buffers and average == "swa of many")])    # PyTorch's refuses whole numbers
def test_averages_equal_pytorchs(average, use_buffers, dtype):
    states = []
    for lib in (pg, torch):
        net = model(lib).to(getattr(lib, dtype))
        averaged = lib.optim.swa_utils.AveragedModel(
            net, use_buffers=use_buffers, **AVERAGES[average](lib.optim.swa_utils))
        states.append([numbers(averaged)])
        for step in range(5):
            change(lib, net, step)
            averaged.update_parameters(net)
            states[-1].append(copy.deepcopy(numbers(averaged)))
        y = averaged(lib.tensor(np.random.default_rng(9).standard_normal((5, 3)),
                                dtype=getattr(lib, dtype)))
        states[-1].append({"output": y.detach().numpy()})
    for ours, theirs in zip(*states, strict=True):
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            assert_close(ours[name], value, what=name)


def test_whole_numbers_are_averaged_by_each_of_the_averages():
    for average, expected in [(pg.optim.swa_utils.get_swa_multi_avg_fn(), 4),
                              (pg.optim.swa_utils.get_ema_multi_avg_fn(0.5), 5)]:
        count = pg.tensor(3)
        average([count], [pg.tensor(8)], pg.tensor(2))
        assert count.item() == expected


def test_prints_like_pytorchs():
    ours, theirs = (lib.optim.swa_utils.AveragedModel(model(lib)) for lib in (pg, torch))
    assert repr(ours) == repr(theirs)


def test_the_average_is_a_copy_that_can_be_saved():
    net = model(pg)
    averaged, other = (pg.optim.swa_utils.AveragedModel(net) for _ in range(2))
    for step in range(3):
        change(pg, net, step)
        averaged.update_parameters(net)
    other.load_state_dict(averaged.state_dict())
    change(pg, net, 3)
    for each in (averaged, other):
        each.update_parameters(net)
    for name, value in numbers(averaged).items():
        assert np.array_equal(numbers(other)[name], value)
    assert all(w.requires_grad and w.grad_fn is None for w in averaged.parameters())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("pack", [lambda x: x, lambda x: (x, None), lambda x: [x]],
                         ids=["tensor", "tuple", "list"])
def test_update_bn_equals_pytorchs(pack, training):
    states = []
    for lib in (pg, torch):
        net = model(lib).train(training)
        batches = [lib.tensor(np.random.default_rng(i).standard_normal((5 + i, 3)),
                              dtype=lib.float32) for i in range(4)]
        lib.optim.swa_utils.update_bn([pack(x) for x in batches], net, device="cpu")
        assert net[1].momentum == 0.1 and net.training == net[1].training == training
        states.append(numbers(net))
    for name, value in states[1].items():
        assert_close(states[0][name], value, what=name)


def test_update_bn_reads_no_batch_without_need():
    pg.optim.swa_utils.update_bn(iter([None]), pg.nn.Linear(1, 1))


def test_what_makes_no_sense_is_refused():
    check_refusal(lambda lib: lib.optim.swa_utils.AveragedModel(
        lib.nn.Linear(1, 1), avg_fn=max, multi_avg_fn=max), AssertionError, "got both")
    for name in ("get_ema_avg_fn", "get_ema_multi_avg_fn"):
        check_refusal(lambda lib, name=name: getattr(lib.optim.swa_utils, name)(1.5), ValueError,
                      "expected decay to be a number between 0 and 1, got 1.5")
    with pytest.raises(AttributeError, match="has no attribute 'SWAL'"):
        pg.optim.swa_utils.SWAL  # noqa: B018
