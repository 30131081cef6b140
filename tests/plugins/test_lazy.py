"""Lazy modules: what they are before the first call, and what they become."""

import copy

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn

from ..tolerances import GRADIENT, assert_close
from .parity import check_signature, x

CASES = [("LazyLinear", {"out_features": 3}, (4, 5)), ("LazyLinear", {"out_features": 2}, (5,)),
         ("LazyLinear", {"out_features": 2, "bias": False}, (2, 3, 4))]
for n, size in enumerate([(7,), (5, 6), (4, 5, 4)], 1):
    conv = {"out_channels": 4, "kernel_size": 3}
    CASES += [(f"LazyConv{n}d", conv | {"groups": 2, "padding": 1}, (2, 6, *size)),
              (f"LazyConv{n}d", conv | {"bias": False}, (3, *size)),
              (f"LazyConvTranspose{n}d", conv | {"stride": 2, "output_padding": 1}, (2, 3, *size)),
              (f"LazyBatchNorm{n}d", {}, (2, 3, *size)),
              (f"LazyBatchNorm{n}d", {"affine": False, "momentum": None}, (4, 5, *size)),
              (f"LazyBatchNorm{n}d", {"track_running_stats": False}, (2, 3, *size))]
NAMES = sorted({name for name, _, _ in CASES})
LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
EVERY = pytest.mark.parametrize("name, options, shape", CASES)


def state(module):
    return {name: tensor.detach().numpy() for name, tensor in module.state_dict().items()}


def kinds(module):
    return [(name, type(member).__name__, member.requires_grad) for name, member in
            (*module.named_parameters(), *module.named_buffers())]


def plain(name):
    return getattr(nn, name.removeprefix("Lazy"))


@EVERY
def test_before_and_after_the_first_call_it_is_pytorchs(name, options, shape):
    ours, theirs = (getattr(lib.nn, name)(**options) for lib in (pg, torch))
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [row for row in kinds(ours) if row[1].startswith("Uninit")] == [
        row for row in kinds(theirs) if row[1].startswith("Uninit")]

    a = x(*shape).astype(np.float32)
    theirs(torch.from_numpy(a))
    ours(pg.from_numpy(a))

    assert type(ours) is plain(name) and repr(ours) == repr(theirs)
    assert {k: v.shape for k, v in state(ours).items()} == {
        k: v.shape for k, v in state(theirs).items()}
    theirs.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state(ours).items()})
    assert_close(ours(pg.from_numpy(a)).detach().numpy(),
                 theirs(torch.from_numpy(a)).detach().numpy(), GRADIENT)


@EVERY
def test_the_first_call_computes_what_the_plain_module_does(name, options, shape):
    a = pg.from_numpy(x(*shape).astype(np.float32))
    lazy = getattr(nn, name)(**options)
    pg.manual_seed(3)
    y = lazy(a)
    pg.manual_seed(3)
    expected = plain(name)(getattr(lazy, getattr(nn, name).size), **options)

    assert vars(lazy).keys() == vars(expected).keys()
    assert_close(y.detach().numpy(), expected(a).detach().numpy())


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_pytorchs(name):
    check_signature(getattr(nn, name), getattr(torch.nn, name))


def network(lib):
    return lib.nn.Sequential(lib.nn.LazyConv2d(4, 3), lib.nn.LazyBatchNorm2d(), lib.nn.ReLU(),
                             lib.nn.Flatten(), lib.nn.LazyLinear(2))


@LIBS
def test_a_network_is_converted_and_seen_by_hooks_before_its_first_call(lib):
    model, shapes = network(lib).double(), []
    model[4].register_forward_hook(lambda m, args, y: shapes.append(tuple(y.shape)))
    y = model(lib.ones(3, 2, 5, 5, dtype=lib.float64))
    assert y.dtype == lib.float64 and shapes == [(3, 2)]
    assert {p.dtype for p in model.parameters()} == {lib.float64}
    assert model[1].running_mean.dtype == lib.float64


def test_a_layer_may_be_frozen_before_its_first_call():
    model = network(pg)
    model[0].requires_grad_(False)
    model(pg.rand(2, 2, 5, 5))
    assert not model[0].weight.requires_grad and model[4].weight.requires_grad


def test_an_optimizer_may_be_made_before_the_first_call():
    model = network(pg)
    optimizer = pg.optim.SGD(model.parameters(), lr=0.1)
    model(pg.rand(3, 2, 5, 5)).square().sum().backward()
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.step()
    assert not any(pg.equal(p, q) for p, q in zip(model.parameters(), before, strict=True)
                   if p.grad.abs().max() > 0)
    assert sum(p.grad is not None for p in model.parameters()) == 6


@LIBS
def test_a_state_is_loaded_before_the_first_call(lib):
    trained = network(lib)
    a = lib.rand(3, 2, 5, 5)
    trained(a)
    model = network(lib)
    assert repr(model.load_state_dict(trained.state_dict())) == "<All keys matched successfully>"
    expected = trained.eval()(a).tolist()
    assert model.eval()(a).tolist() == expected
    assert type(model[4]) is lib.nn.Linear and model[4].in_features == 36


@LIBS
def test_what_has_no_shape_yet_is_loaded_into_nothing_else(lib):
    empty = network(lib).state_dict()
    other = network(lib)
    other.load_state_dict(empty)
    assert isinstance(other[0].weight, lib.nn.UninitializedParameter)
    other(lib.rand(2, 2, 5, 5))
    with pytest.raises(RuntimeError):
        other.load_state_dict(empty)


def test_a_copy_has_a_first_call_of_its_own():
    model = network(pg)
    twin = copy.deepcopy(model)
    model(pg.rand(2, 2, 5, 5))
    twin(pg.rand(2, 3, 6, 6))
    assert model[0].in_channels == 2 and twin[0].in_channels == 3


@LIBS
def test_a_parameter_without_shape_says_so(lib):
    weight = lib.nn.LazyLinear(2).weight
    assert repr(weight) == "<UninitializedParameter>" and isinstance(weight, lib.nn.Parameter)
    with pytest.raises(RuntimeError):
        weight.shape                                                        # noqa: B018
    with pytest.raises(ValueError):
        weight.numel()
    weight.materialize((2, 3))
    assert tuple(weight.shape) == (2, 3) and type(weight) is lib.nn.Parameter
    buffer = lib.nn.UninitializedBuffer()
    buffer.materialize((2,))
    assert tuple(buffer.shape) == (2,)


@pytest.mark.parametrize("name, shape", [("LazyLinear", ()), ("LazyConv2d", (3, 4)),
                                         ("LazyBatchNorm1d", (3,))])
def test_an_input_without_that_dimension(name, shape):
    options = {"LazyLinear": [2], "LazyConv2d": [2, 3]}.get(name, [])
    lazy = getattr(nn, name)(*options)
    with pytest.raises(RuntimeError, match=f"{name}: expected an input whose dimension"):
        lazy(pg.ones(shape))
    assert type(lazy).__name__ == name


@pytest.mark.parametrize("make", [lambda nn: nn.LazyLinear(3), lambda nn: nn.LazyConv2d(3, 2)])
def test_nothing_is_drawn_before_the_first_call(make):
    drawn = []
    for lib in (pg, torch):
        lib.manual_seed(0)
        make(lib.nn).reset_parameters()
        drawn.append(lib.rand(3).tolist())
    assert drawn[0] == drawn[1]
