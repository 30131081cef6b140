"""Weights that are computed at each use, against PyTorch: weight and spectral normalization."""

import copy
import pickle

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.nn.utils import parametrizations, parametrize
from plugrad.testing import gradcheck, gradgradcheck

from ...plugins.parity import check_refusal, check_signature, x

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*deprecated:FutureWarning")
WAYS = ["weight_norm", "spectral_norm", "parametrizations.weight_norm",
        "parametrizations.spectral_norm"]
LAYERS = {"linear": (lambda nn: nn.Linear(3, 4), x(5, 3)),
          "conv": (lambda nn: nn.Conv2d(2, 3, 2), x(2, 2, 4, 5)),
          "norm": (lambda nn: nn.LayerNorm(6), x(5, 6))}


def way(lib, path):
    function = lib.nn.utils
    for name in path.split("."):
        function = getattr(function, name)
    return function


def both(path, layer, **options):
    """The layer with that way of its weight in plugrad and in PyTorch, in the same state."""
    theirs, ours = (way(lib, path)(LAYERS[layer][0](lib.nn), **options).double()
                    for lib in (torch, pg))
    state = theirs.state_dict()
    assert list(state) == list(ours.state_dict())
    ours.load_state_dict({name: pg.from_numpy(tensor.numpy()) for name, tensor in state.items()})
    return ours, theirs


def steps(lib, module, inputs, n=3, twice=True):
    """What n steps of training give: outputs, gradients, second gradients (if twice) and the
    state."""
    found = []
    for _ in range(n):
        given = lib.from_numpy(inputs.copy()).requires_grad_()
        leaves = [given, *module.parameters()]
        y = module(given)
        first = lib.autograd.grad((y * y).sum(), leaves, create_graph=True)
        found += [y, *first]
        if twice:
            found += lib.autograd.grad(sum((g * g).sum() for g in first), leaves)
        with lib.no_grad():
            for parameter, g in zip(module.parameters(), first[1:], strict=True):
                parameter.sub_(g * 0.01)
    found += [module.weight, *module.state_dict().values()]
    return [t.detach().numpy().copy() for t in found]


@pytest.mark.parametrize("path, layer, options", [
    *((path, layer, {}) for path in WAYS for layer in LAYERS),
    *((path, layer, {"dim": dim}) for path in WAYS[::2] for layer, dims in (
        ("linear", (1, None)), ("conv", (1, 2, 3, None))) for dim in dims),
    *((path, layer, {"dim": dim}) for path in WAYS[1::2] for layer, dims in (
        ("linear", (1,)), ("conv", (1, 2, 3))) for dim in dims),
    *((path, "linear", {"n_power_iterations": 3, "eps": 1e-3}) for path in WAYS[1::2]),
])
@pytest.mark.parametrize("training", [True, False])
def test_steps_of_training_are_pytorchs(path, layer, options, training):
    ours, theirs = both(path, layer, **options)
    for module in (ours, theirs):
        module.train(training)

    # PyTorch's fused weight norm along the first or last dimension fails its own gradgradcheck.
    twice = "spectral" in path or options.get("dim", 0) not in (0, ours.weight.ndim - 1)

    got, expected = (steps(lib, module, LAYERS[layer][1], twice=twice)
                     for lib, module in ((pg, ours), (torch, theirs)))

    assert repr(ours) == repr(theirs)
    assert ([name for name, _ in ours.named_parameters()]
            == [name for name, _ in theirs.named_parameters()])
    for y, z in zip(got, expected, strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("path", WAYS)
@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_and_their_gradients(path, layer):
    module, inputs = way(pg, path)(LAYERS[layer][0](pg.nn).double()).eval(), LAYERS[layer][1]
    leaves = [pg.from_numpy(inputs.copy()).requires_grad_(), *module.parameters()]

    assert gradcheck(lambda given, *_: module(given), leaves)
    assert gradgradcheck(lambda given, *_: module(given), leaves)


@pytest.mark.parametrize("path", [*WAYS, "remove_weight_norm", "remove_spectral_norm",
                                  "parametrize.register_parametrization",
                                  "parametrize.remove_parametrizations",
                                  "parametrize.is_parametrized"])
def test_signature_is_pytorchs(path):
    check_signature(way(pg, path), way(torch, path))


@pytest.mark.parametrize("path", WAYS)
def test_a_layer_may_be_called_twice_before_backward(path):
    found = []
    for lib, module in zip((pg, torch), both(path, "linear"), strict=True):
        first, second = (module(lib.from_numpy(x(5, 3, seed=seed))) for seed in (0, 1))
        (first * second).sum().backward()
        found.append([p.grad.numpy() for p in module.parameters()])

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("path", WAYS)
def test_the_layer_computes_at_first_what_it_did_before_or_its_weight_over_its_norm(path):
    layer = pg.nn.Linear(3, 4)
    before = layer.weight.detach().clone()
    way(pg, path)(layer)
    for _ in range(100):
        layer(pg.ones(2, 3))

    norm = np.linalg.norm(before.numpy(), 2) if "spectral" in path else 1.0
    np.testing.assert_allclose(layer.weight.detach().numpy(), before.numpy() / norm, rtol=1e-5)


@pytest.mark.parametrize("path", WAYS)
def test_taken_away_it_leaves_a_plain_weight_of_the_same_value(path):
    layer = way(pg, path)(pg.nn.Linear(3, 4)).eval()
    expected = layer(pg.ones(2, 3)).tolist()

    if path.startswith("parametrizations"):
        assert parametrize.is_parametrized(layer) and parametrize.is_parametrized(layer, "weight")
        assert not parametrize.is_parametrized(layer, "bias")
        parametrize.remove_parametrizations(layer, "weight")
    else:
        way(pg, f"remove_{path}")(layer)

    assert type(layer) is pg.nn.Linear and isinstance(layer.weight, pg.nn.Parameter)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert not parametrize.is_parametrized(layer)
    np.testing.assert_allclose(layer(pg.ones(2, 3)).tolist(), expected, rtol=1e-6)


def test_the_older_weight_norm_warns_as_in_pytorch():
    for lib in (pg, torch):
        with pytest.warns(FutureWarning, match="deprecated"):
            lib.nn.utils.weight_norm(lib.nn.Linear(3, 4))


def test_a_transposed_convolution_has_its_outputs_along_dimension_one():
    class ConvTranspose2d(pg.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = pg.nn.Parameter(pg.randn(2, 3, 2, 2))

    assert tuple(pg.nn.utils.spectral_norm(ConvTranspose2d()).weight_u.shape) == (3,)
    assert tuple(parametrizations.spectral_norm(ConvTranspose2d()).parametrizations.weight[0]
                 ._v.shape) == (8,)


class Symmetric:
    """Half of a matrix, mirrored; the same text in both libraries."""

    def forward(self, w):
        return w.triu() + w.triu(1).T

    def right_inverse(self, w):
        return w.triu()


class Scale:
    def forward(self, w):
        return w * 3


def module_of(lib, cls):
    return type(cls.__name__, (cls, lib.nn.Module), {})()


def test_parametrizations_of_ones_own_act_one_after_the_other_as_in_pytorch():
    found = []
    for lib in (pg, torch):
        layer, given = lib.nn.Linear(3, 3, bias=False).double(), lib.from_numpy(x(3, 3))
        with lib.no_grad():
            layer.weight.copy_(lib.from_numpy(x(3, 3, seed=1)))
        register = lib.nn.utils.parametrize.register_parametrization
        register(layer, "weight", module_of(lib, Symmetric))
        original, first = layer.parametrizations.weight.original, layer.weight.detach().clone()
        register(layer, "weight", module_of(lib, Scale))
        (layer(given) ** 2).sum().backward()
        found.append([first, layer.weight, original, original.grad])
        found[-1] = [t.detach().numpy().copy() for t in found[-1]]

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert np.array_equal(found[0][0], found[0][0].T)


def test_assigning_goes_back_to_the_original():
    layer = pg.nn.Linear(3, 3)
    parametrize.register_parametrization(layer, "weight", module_of(pg, Symmetric))
    kept = layer.parametrizations.weight.original
    new = pg.ones(3, 3)
    layer.weight = new

    assert layer.weight.tolist() == new.tolist() and kept.tolist() == new.triu().tolist()
    parametrize.register_parametrization(layer, "bias", module_of(pg, Scale))
    with pytest.raises(RuntimeError, match="Scale has no method right_inverse"):
        layer.bias = pg.ones(3)


def test_an_optimizer_made_before_still_moves_the_weight():
    layer = pg.nn.Linear(3, 3)
    optimizer = pg.optim.SGD(layer.parameters(), lr=0.1)
    parametrizations.spectral_norm(layer)
    before = layer.parametrizations.weight.original.tolist()
    (layer(pg.ones(2, 3)) ** 2).sum().backward()
    optimizer.step()

    assert layer.parametrizations.weight.original.tolist() != before


def test_a_buffer_can_be_parametrized_and_the_original_left():
    class Holder(pg.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("table", pg.ones(2))

    holder = Holder()
    parametrize.register_parametrization(holder, "table", module_of(pg, Scale))
    assert holder.table.tolist() == [3, 3]
    assert list(holder.state_dict()) == ["parametrizations.table.original"]

    parametrize.remove_parametrizations(holder, "table", leave_parametrized=False)
    assert holder.table.tolist() == [1, 1] and list(holder.state_dict()) == ["table"]
    assert type(holder) is Holder


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("path", WAYS[2:])
def test_copies_are_parametrized_and_independent(copied, path):
    layer = way(pg, path)(pg.nn.Linear(3, 4)).eval()
    twin = copied(layer)

    assert repr(twin) == repr(layer) and twin.weight.tolist() == layer.weight.tolist()
    parametrize.remove_parametrizations(twin, "weight")
    assert type(twin) is pg.nn.Linear and parametrize.is_parametrized(layer)
    with pg.no_grad():
        twin.weight.zero_()
    assert np.abs(layer.weight.detach().numpy()).max() > 0


def removed(lib):
    return lib.nn.utils.parametrize.remove_parametrizations


BAD = [
    (lambda lib: lib.nn.utils.weight_norm(lib.nn.Linear(2, 3), "w"), (AttributeError, ValueError),
     "Linear has no parameter 'w'"),
    (lambda lib: lib.nn.utils.spectral_norm(lib.nn.Linear(2, 3), "w"), (KeyError, ValueError),
     "Linear has no parameter 'w'"),
    (lambda lib: lib.nn.utils.remove_weight_norm(lib.nn.Linear(2, 3)), ValueError, "not found in"),
    (lambda lib: lib.nn.utils.remove_spectral_norm(lib.nn.Linear(2, 3)), ValueError, "not found"),
    *((lambda lib, path=path: way(lib, path)(way(lib, path)(lib.nn.Linear(2, 3))), RuntimeError,
       "cannot register two") for path in WAYS[:2]),
    *((lambda lib, path=path: way(lib, path)(lib.nn.Linear(2, 3), n_power_iterations=0), ValueError,
       "n_power_iterations to be positive, got 0") for path in WAYS[1::2]),
    *((lambda lib, path=path: way(lib, path)(lib.nn.Linear(2, 3), "w"), ValueError, "'w'")
      for path in WAYS[2:]),
    (lambda lib: lib.nn.utils.parametrizations.spectral_norm(lib.nn.Linear(2, 3), dim=3),
     IndexError, "dim 3 is out of range"),
    (lambda lib: removed(lib)(lib.nn.Linear(2, 3), "weight"), ValueError, "no parametrization"),
    (lambda lib: removed(lib)(lib.nn.utils.parametrizations.weight_norm(lib.nn.Linear(2, 3)),
                              "weight", False), ValueError, "several tensors"),
    (lambda lib: lib.nn.utils.parametrize.register_parametrization(
        lib.nn.Linear(2, 3), "weight", lib.nn.Flatten(0)), ValueError, r"shape \(3, 2\)"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_a_second_parametrization_that_changes_the_shape_leaves_the_first():
    layer = parametrizations.weight_norm(pg.nn.Linear(2, 3))
    with pytest.raises(ValueError, match="unsafe=True allows it"):
        parametrize.register_parametrization(layer, "weight", pg.nn.Flatten(0))

    assert tuple(layer.weight.shape) == (3, 2) and len(layer.parametrizations.weight) == 1
    with pytest.raises(TypeError, match="expected a Module as parametrization, got function"):
        parametrize.register_parametrization(layer, "weight", lambda w: w)
