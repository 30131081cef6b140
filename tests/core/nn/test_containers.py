"""Lists and dicts of modules and parameters, beside PyTorch's."""

from collections import OrderedDict

import plugrad as pg
import pytest
import torch
from plugrad import nn

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def layers(lib, n=4):
    return [lib.nn.Linear(1, i + 1) for i in range(n)]


def sizes(modules):
    return [m.out_features for m in modules]


def keys(module):
    return list(module._modules)


@LIBS
@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_lists_behave_as_lists(lib, kind):
    def make(modules):
        return lib.nn.Sequential(*modules) if kind == "Sequential" else lib.nn.ModuleList(modules)

    m = make(layers(lib))
    assert len(m) == 4 and sizes(m) == [1, 2, 3, 4]
    assert (m[0].out_features, m[-1].out_features) == (1, 4)
    assert sizes(m[1:3]) == [2, 3] and type(m[1:]) is type(m) and sizes(m[::-2]) == [4, 2]
    m[1] = lib.nn.Linear(1, 9)
    m[-1] = lib.nn.Linear(1, 8)
    assert sizes(m) == [1, 9, 3, 8]
    del m[0]
    assert sizes(m) == [9, 3, 8] and keys(m) == ["0", "1", "2"]
    del m[1:]
    assert sizes(m) == [9] and keys(m) == ["0"]
    assert m.append(lib.nn.Linear(1, 2)) is m
    m.insert(1, lib.nn.Linear(1, 5))
    m.extend(make([lib.nn.Linear(1, 6)]))
    assert sizes(m) == [9, 5, 2, 6] and keys(m) == ["0", "1", "2", "3"]
    assert m.pop(1).out_features == 5 and sizes(m) == [9, 2, 6]
    m += make([lib.nn.Linear(1, 7)])
    assert sizes(m) == [9, 2, 6, 7] and sizes(m + make(layers(lib, 2))) == [9, 2, 6, 7, 1, 2]
    for place in (4, -5):
        with pytest.raises(IndexError):
            m[place]


@LIBS
def test_a_sequential_runs_its_modules_in_turn(lib):
    m = lib.nn.Sequential(lib.nn.Flatten(), lib.nn.Linear(4, 2), lib.nn.ReLU())

    assert m(lib.ones(3, 2, 2)).shape == (3, 2)
    x = lib.ones(1)
    assert lib.nn.Sequential()(x) is x


@LIBS
def test_a_sequential_of_named_modules_keeps_the_names(lib):
    m = lib.nn.Sequential(OrderedDict(conv=lib.nn.Linear(1, 2), act=lib.nn.ReLU()))

    assert list(m.state_dict()) == ["conv.weight", "conv.bias"]
    assert keys(m[1:]) == ["act"] and m.conv is m[0]
    m[0] = lib.nn.Linear(1, 3)
    assert m.conv.out_features == 3
    m.append(lib.nn.ReLU())
    assert keys(m) == ["conv", "act", "2"]


@LIBS
def test_a_module_list_computes_nothing(lib):
    with pytest.raises(NotImplementedError):
        lib.nn.ModuleList()(1)


@pytest.mark.parametrize("make", [
    lambda lib: lib.nn.ModuleList(),
    lambda lib: lib.nn.ModuleList([lib.nn.ReLU()]),
    lambda lib: lib.nn.ModuleList([lib.nn.ReLU(), lib.nn.ReLU(), lib.nn.Tanh(), lib.nn.ReLU()]),
    lambda lib: lib.nn.ModuleList([lib.nn.Sequential(lib.nn.ReLU()) for _ in range(3)]),
    lambda lib: lib.nn.Sequential(lib.nn.ModuleList([lib.nn.ReLU(), lib.nn.ReLU()])),
    lambda lib: lib.nn.ModuleDict({"a": lib.nn.ReLU(), "b": lib.nn.Linear(1, 1)}),
], ids=range(6))
def test_printing_is_pytorchs(make):
    assert repr(make(pg)) == repr(make(torch))


def test_lists_and_dicts_of_parameters_print_their_shapes():
    assert repr(nn.ParameterList([pg.zeros(2, 3)])) == (
        "ParameterList((0): Parameter containing: [plugrad.float32 of size 2x3])")
    assert repr(nn.ParameterDict({"w": pg.zeros(4), "v": pg.zeros(1)})) == (
        "ParameterDict(\n  (w): Parameter containing: [plugrad.float32 of size 4]\n"
        "  (v): Parameter containing: [plugrad.float32 of size 1]\n)")


@LIBS
def test_a_module_dict_behaves_as_a_dict(lib):
    m = lib.nn.ModuleDict({"a": lib.nn.Linear(1, 1), "b": lib.nn.ReLU()})
    m["c"] = lib.nn.Tanh()
    m.update({"a": lib.nn.Linear(1, 5)})
    m.update([["d", lib.nn.ReLU()]])

    assert list(m) == list(m.keys()) == ["a", "b", "c", "d"] and len(m) == 4 and "b" in m
    assert m["a"].out_features == 5 and list(m.state_dict()) == ["a.weight", "a.bias"]
    assert [name for name, _ in m.items()] == list(m) and len(list(m.values())) == 4
    assert isinstance(m.pop("d"), lib.nn.ReLU) and "d" not in m
    del m["c"]
    m.clear()
    assert len(m) == 0
    with pytest.raises(KeyError):
        m["a"]
    with pytest.raises(KeyError):
        m["keys"] = lib.nn.ReLU()
    with pytest.raises(TypeError):
        m["x"] = 3


@LIBS
def test_a_parameter_list_behaves_as_a_list(lib):
    m = lib.nn.ParameterList([lib.nn.Parameter(lib.zeros(1)), lib.ones(2)])
    m.append(lib.zeros(3))
    m.extend([lib.zeros(4)])

    assert all(isinstance(p, lib.nn.Parameter) and p.requires_grad for p in m)
    assert [len(p) for p in m] == [1, 2, 3, 4] and [len(p) for p in m[1:3]] == [2, 3]
    m[0] = lib.zeros(7)
    assert isinstance(m[0], lib.nn.Parameter) and list(m.state_dict()) == ["0", "1", "2", "3"]


@LIBS
def test_a_parameter_dict_behaves_as_a_dict(lib):
    m = lib.nn.ParameterDict({"w": lib.zeros(1)})
    m["v"] = lib.ones(2)
    m.update({"u": lib.zeros(3)})

    assert list(m.keys()) == ["w", "v", "u"] == list(m.state_dict())
    assert isinstance(m["v"], lib.nn.Parameter) and m.get("x") is None and "u" in m
    assert len(m.pop("u")) == 3 and m.setdefault("v", None) is m["v"]
    del m["w"]
    assert [len(p) for p in m.values()] == [2]


@pytest.mark.parametrize("make, text", [
    (lambda: nn.Sequential(nn.ReLU), "expected a Module, got <class .*adding ()"),
    (lambda: nn.Sequential(nn.ReLU(), 3), "expected a Module, got 3"),
    (lambda: nn.ModuleList(nn.ReLU()), "expected a list, got ReLU"),
    (lambda: nn.ModuleList([3]), "expected a Module, got 3"),
    (lambda: nn.ParameterList([3]), "expected a Parameter or a Tensor, got int"),
    (lambda: nn.ParameterDict({"a": 3}), "expected a Parameter or a Tensor, got int"),
    (lambda: nn.ModuleList([nn.ReLU()])["0"], "expected an int or a slice, got '0'"),
])
def test_what_is_no_member_is_refused(make, text):
    with pytest.raises(TypeError, match=text):
        make()


def test_a_failed_change_changes_nothing():
    m = nn.ModuleList([nn.ReLU(), nn.Tanh()])

    with pytest.raises(TypeError):
        m.insert(0, 3)

    assert keys(m) == ["0", "1"] and isinstance(m[0], nn.ReLU)


def test_lists_nest_and_are_walked():
    m = nn.ModuleDict({"a": nn.ModuleList([nn.Linear(1, 1)]), "p": nn.Sequential(nn.Linear(1, 2))})

    assert [name for name, _ in m.named_parameters()] == [
        "a.0.weight", "a.0.bias", "p.0.weight", "p.0.bias"]
