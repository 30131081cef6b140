"""Saving and loading a module's tensors: all or nothing, and every misfit named at once."""

from collections import OrderedDict

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def net(lib):
    return lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.BatchNorm1d(3))


def values(module):
    return {name: tensor.tolist() for name, tensor in module.state_dict().items()}


def test_a_state_is_on_the_modules_own_memory():
    m = net(pg)
    m.state_dict()["0.weight"].fill_(5)

    assert m[0].weight.tolist() == [[5, 5]] * 3


def test_what_was_saved_comes_back():
    pg.manual_seed(0)
    first, second = net(pg), net(pg)

    result = second.load_state_dict(first.state_dict())

    assert values(first) == values(second) and first[0].weight is not second[0].weight
    assert repr(result) == repr(net(torch).load_state_dict(net(torch).state_dict()))


def test_arrays_and_other_dtypes_are_converted():
    m = net(pg)
    state = {name: np.full(tensor.shape, 2.0) for name, tensor in m.state_dict().items()}

    m.load_state_dict(state)

    assert m[0].weight.dtype is pg.float32 and m[0].weight.tolist() == [[2, 2]] * 3
    assert m[1].num_batches_tracked.dtype is pg.int64 and m[1].num_batches_tracked.item() == 2


def test_every_misfit_is_named_at_once_and_nothing_changes():
    m = net(pg)
    before = values(m)
    state = m.state_dict() | {"0.weight": pg.zeros(9), "1.bias": "text", "2.weight": pg.zeros(1),
                              "extra": pg.zeros(1), "1.weight": pg.full((3,), 7.0)}
    del state["0.bias"], state["1.running_var"]

    with pytest.raises(RuntimeError) as caught:
        m.load_state_dict(state)

    text = str(caught.value)
    assert "loading state_dict for Sequential" in text
    assert 'Missing key(s) in state_dict: "0.bias", "1.running_var".' in text
    assert 'Unexpected key(s) in state_dict: "2.weight", "extra".' in text
    assert "size mismatch for 0.weight" in text and "(9,)" in text and "(3, 2)" in text
    assert "1.bias: expected a tensor, got str" in text
    assert values(m) == before


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_not_strict_loads_what_fits_and_tells_the_rest(lib):
    m = lib.nn.Sequential(lib.nn.Linear(2, 3))
    state = {"0.weight": lib.zeros(3, 2), "extra": lib.zeros(1)}

    missing, unexpected = result = m.load_state_dict(state, strict=False)

    assert result.missing_keys is missing and result.unexpected_keys is unexpected
    assert missing == ["0.bias"] and unexpected == ["extra"]
    assert m[0].weight.tolist() == [[0, 0]] * 3
    assert repr(result).endswith(
        "_IncompatibleKeys(missing_keys=['0.bias'], unexpected_keys=['extra'])")


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_a_wrong_shape_fails_even_if_not_strict(lib):
    with pytest.raises(RuntimeError, match=r"size mismatch for 0\.weight"):
        net(lib).load_state_dict({"0.weight": lib.zeros(9)}, strict=False)


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_shared_tensors_are_saved_under_each_name(lib):
    layer = lib.nn.Linear(1, 1)
    m = lib.nn.Sequential(layer, layer)

    assert list(m.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    m.load_state_dict(m.state_dict())


def test_what_is_left_out_is_neither_saved_nor_asked_for():
    m = nn.Module()
    m.register_buffer("scratch", pg.zeros(1), persistent=False)
    m.register_buffer("none", None)

    assert m.state_dict() == {} and m.load_state_dict({}).missing_keys == []


def test_loading_keeps_the_parameters_an_optimizer_holds():
    m = net(pg)
    held = list(m.parameters())
    m.load_state_dict(net(pg).state_dict())

    assert all(p is q for p, q in zip(held, m.parameters(), strict=True))
    assert all(p.requires_grad and p.is_leaf for p in held)


@LIBS
def test_a_state_is_an_ordered_dict_and_holds_what_a_module_adds(lib):
    class Counted(lib.nn.Linear):
        seen = 0

        def get_extra_state(self):
            return {"seen": self.seen}

        def set_extra_state(self, state):
            self.seen = state["seen"]

    model, other = (lib.nn.Sequential(Counted(2, 1)) for _ in range(2))
    model[0].seen = 3
    state = model.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == ["0.weight", "0.bias", "0._extra_state"]
    other.load_state_dict(state)
    assert other[0].seen == 3
    del state["0._extra_state"]
    with pytest.raises(RuntimeError, match=r"Missing key.*0\._extra_state"):
        other.load_state_dict(state)


@LIBS
def test_assigned_tensors_take_the_place_of_the_modules(lib):
    model, state = net(lib), {name: x + 1 for name, x in net(lib).state_dict().items()}
    model[0].weight.requires_grad_(False)
    old = model[0].weight
    model.load_state_dict(state, assign=True)
    assert model[0].weight is not old and isinstance(model[0].weight, lib.nn.Parameter)
    assert not model[0].weight.requires_grad and model[0].bias.requires_grad
    state["0.weight"].zero_()
    assert not model[0].weight.any()
