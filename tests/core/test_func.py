"""A module as a function of its parameters, as in PyTorch."""

import plugrad as pg
import pytest
import torch
from plugrad.func import functional_call

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def network(lib):
    return lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.BatchNorm1d(3), lib.nn.Linear(3, 1))


@LIBS
def test_other_tensors_are_computed_with_and_get_the_gradient(lib):
    model = network(lib)
    before = model[0].weight
    x = lib.ones(4, 2)
    other = {name: lib.full_like(p, 0.5).requires_grad_() for name, p in model.named_parameters()}
    y = lib.func.functional_call(model, other, (x,))
    y.sum().backward()
    assert other["2.weight"].grad is not None and model[0].weight is before
    assert before.grad is None
    assert y.tolist() == lib.func.functional_call(model, (other, {}), x).tolist()


@LIBS
def test_a_gradient_step_is_differentiable_through_it(lib):
    model, x = lib.nn.Linear(1, 1, bias=False), lib.tensor([[2.0]])
    w = lib.tensor([[3.0]], requires_grad=True)
    inner = lib.func.functional_call(model, {"weight": w}, (x,)).square().sum()
    g, = lib.autograd.grad(inner, w, create_graph=True)
    lib.func.functional_call(model, {"weight": w - 0.1 * g}, (x,)).sum().backward()
    assert w.grad.item() == pytest.approx(2 * (1 - 0.1 * 8))


@LIBS
def test_tied_parameters_are_replaced_together(lib):
    model = lib.nn.Sequential(lib.nn.Linear(2, 2, bias=False), lib.nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    y = lib.func.functional_call(model, {"0.weight": 2 * lib.eye(2)}, (lib.ones(1, 2),))
    assert y.tolist() == [[4.0, 4.0]]


def test_names_that_do_not_fit_are_refused_and_nothing_is_left_behind():
    model = network(pg)
    before = model[0].weight
    with pytest.raises(RuntimeError, match=r"not fitting: 0\.weihgt"):
        functional_call(model, {"0.weihgt": before}, (pg.ones(2, 2),))
    with pytest.raises(RuntimeError, match=r"not fitting: 0\.bias, 1\.weight"):
        functional_call(model, {"0.weight": before}, (pg.ones(2, 2),), strict=True)
    with pytest.raises(RuntimeError):
        functional_call(model, {"0.weight": pg.ones(3, 3)}, (pg.ones(2, 2),))
    assert model[0].weight is before
    with pytest.raises(TypeError, match="functional_call: expected a Module, got function"):
        functional_call(network, {}, ())
