"""The kinds of dropout against PyTorch, and what chance may do there."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from .parity import Row, cases, check, check_refusal, x

INPUTS = {
    "Dropout1d": (x(3, 4, 5), x(4, 5)), "Dropout2d": (x(3, 4, 5, 6),),
    "Dropout3d": (x(2, 3, 4, 5, 6), x(3, 4, 5, 6)), "AlphaDropout": (x(3, 4), x()),
    "FeatureAlphaDropout": (x(3, 4, 5), x(3, 4)),
}
FIXED = ({"training": False}, {"p": 0.0, "training": True}, {"p": 1.0, "training": True},
         {"p": 1.0, "training": True, "inplace": True})
ROWS = [
    *(Row(name, {}, (inputs,), modes=(False,)) for name in INPUTS for inputs in INPUTS[name]),
    *(Row(name, {"p": p}, (inputs,)) for name in INPUTS for inputs in INPUTS[name]
      for p in (0.0, 1.0)),
    *(Row(name, {"inplace": True}, (INPUTS[name][0][:0],), modes=(False,)) for name in INPUTS),
    *(Row(name, {}, (INPUTS[name][0][:0],)) for name in INPUTS),
    Row("FeatureAlphaDropout", {"p": 1.0}, (x(3),)),
    *(Row(f"F.{name}", options, (x(2, 3, 4, 5),))
      for name in ("dropout", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
      for options in FIXED),
    *(Row("F.dropout1d", options, (x(2, 3, 4),)) for options in FIXED),
]
# The dimensions that share a mask, for an input of this shape.
SHARED = {
    "dropout1d": [((7, 50, 3), (2,)), ((99, 3), (1,))],
    "dropout2d": [((9, 40, 3, 2), (2, 3))],
    "dropout3d": [((9, 40, 2, 3, 2), (2, 3, 4)), ((200, 2, 3, 2), (1, 2, 3))],
    "alpha_dropout": [((40, 50), ()), ((300,), ())],
    "feature_alpha_dropout": [((9, 40, 3, 2), (2, 3)), ((20, 30), ())],
}
OTHERS = {"dropout2d": [((9, 40, 3), (2,)), ((20, 30), ()), ((9, 40, 3, 2, 2), (2, 3, 4))],
          "dropout3d": [((200, 2, 3), (1, 2)), ((200, 2), (1,))]}


@cases(ROWS)
def test_dropout_is_pytorchs_where_nothing_is_random(row, dtype, training):
    check(row, dtype, training)


def dropped(lib, name, shape):
    """What becomes of ones and of their gradient."""
    lib.manual_seed(0)
    ones = lib.ones(*shape).requires_grad_()
    y = getattr(lib.nn.functional, name)(ones, 0.3, True)
    y.sum().backward()
    return y.detach().numpy(), ones.grad.numpy()


@pytest.mark.filterwarnings("ignore:dropout")
@pytest.mark.parametrize("name, shape, shared", [
    (name, *case) for table in (SHARED, OTHERS) for name in table for case in table[name]])
def test_what_is_dropped_is_what_pytorch_drops(name, shape, shared):
    (y, dy), (z, dz) = dropped(pg, name, shape), dropped(torch, name, shape)

    for ours, theirs in ((y, z), (dy, dz)):                 # two values each, and the same two
        np.testing.assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-6)
        assert len(np.unique(ours)) == 2 and ours.shape == theirs.shape == shape
    for drawn in (y, z):
        mask = drawn == drawn.min()
        own = mask[tuple(slice(1) if i in shared else slice(None) for i in range(len(shape)))]
        assert (mask == own).all()                          # one draw for all dimensions shared
        assert abs(own.mean() - 0.3) < 5 * np.sqrt(0.21 / own.size)
        for axis in range(len(shape)):                      # and another for each of the others
            assert axis in shared or (own != np.roll(own, 1, axis)).any()


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_keeps_mean_and_variance(name):
    pg.manual_seed(0)
    y = getattr(F, name)(pg.randn(300, 200), 0.4, True)

    assert abs(y.mean().item()) < 0.03 and abs(y.std().item() - 1) < 0.03


MODULES = [nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout]


@pytest.mark.parametrize("module", MODULES)
def test_modules_drop_in_training_only_and_repeat_after_a_seed(module):
    layer, ones = module(0.4), pg.ones(5, 50, *[1] * (1 if module is nn.Dropout1d else 2))
    pg.manual_seed(3)
    first, second = layer(ones).tolist(), layer(ones).tolist()
    pg.manual_seed(3)

    assert first != second and layer(ones).tolist() == first
    assert layer.eval()(ones) is ones and repr(layer).endswith("(p=0.4, inplace=False)")


@pytest.mark.parametrize("module", MODULES)
def test_in_place_writes_over_the_input(module):
    for p in (0.5, 1.0):
        ones = pg.ones(5, 50, *[1] * (1 if module is nn.Dropout1d else 2))
        assert module(p, inplace=True)(ones) is ones and (ones.numpy() != 1).any()


@pytest.mark.parametrize("call, text", [
    (lambda lib: lib.nn.Dropout2d()(lib.ones(2, 3, 4)), r"3[- ]?D"),
    (lambda lib: lib.nn.Dropout2d()(lib.ones(2, 3)), "dropout2d"),
    (lambda lib: lib.nn.Dropout3d()(lib.ones(2, 3, 4)), "dropout3d"),
])
def test_inputs_that_may_be_meant_otherwise_are_warned_of(call, text):
    for lib in (pg, torch):
        with pytest.warns(UserWarning, match=text):
            call(lib)


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_drops_whole_samples_or_all(mode):
    pg.manual_seed(1)
    layer, one = nn.StochasticDepth(0.25, mode), pg.ones(8, 3, 2)
    drawn = np.stack([layer(one).numpy() for _ in range(200)])

    assert set(np.unique(drawn)) == {np.float32(0), np.float32(1 / 0.75)}
    own = drawn[:, :, :1, :1] if mode == "row" else drawn[:, :1, :1, :1]
    assert (drawn == own).all() and abs((own == 0).mean() - 0.25) < 5 * np.sqrt(0.19 / own.size)
    assert (drawn[0] != drawn[1:]).any() and layer.eval()(one) is one
    assert repr(layer) == f"StochasticDepth(p=0.25, mode={mode})"


def test_drop_path_drops_whole_samples():
    pg.manual_seed(1)
    layer, rows = nn.DropPath(0.25), pg.randn(500, 3).requires_grad_()
    y = layer(rows)
    y.sum().backward()
    kept = (y != 0).all(1)

    assert np.array_equal((y != 0).numpy(), kept.numpy()[:, None].repeat(3, 1))
    assert abs(kept.float().mean().item() - 0.75) < 0.1
    np.testing.assert_allclose(y.detach().numpy()[kept.numpy()],
                               rows.detach().numpy()[kept.numpy()] / 0.75, rtol=1e-6)
    assert np.array_equal(rows.grad.numpy() != 0, (y != 0).numpy())
    assert layer.eval()(rows) is rows and nn.DropPath()(rows) is rows
    assert repr(layer) == "DropPath(p=0.25)"


def test_drop_path_may_leave_the_scale():
    pg.manual_seed(1)
    layer, ones = nn.DropPath(0.25, scale_by_keep=False), pg.ones(50, 3)

    assert set(np.unique(layer(ones).numpy())) == {0, 1} and layer.eval()(ones) is ones
    assert not nn.DropPath(1.0, scale_by_keep=False)(ones).numpy().any()
    assert repr(layer) == "DropPath(p=0.25, scale_by_keep=False)"


BAD = [
    *((lambda lib, name=name: getattr(lib.nn, name)(1.5), ValueError, f"{name}: p: expected")
      for name in INPUTS),
    *((lambda lib, name=name: getattr(lib.nn.functional, name)(lib.ones(2, 3, 4, 5)[0], -0.5),
       ValueError, "between 0 and 1, got -0.5") for name in SHARED),
    (lambda lib: lib.nn.Dropout1d()(lib.ones(3)), RuntimeError, r"1D input of shape \(3,\)"),
    (lambda lib: lib.nn.Dropout1d().eval()(lib.ones(2, 3, 4, 5)), RuntimeError, "4D input"),
    (lambda lib: lib.nn.FeatureAlphaDropout()(lib.ones(3)), RuntimeError, "at least 2 dimensions"),
]


@pytest.mark.filterwarnings("ignore:dropout")
@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("call, error, text", [
    (lambda: nn.DropPath(2), ValueError, "DropPath: p: expected a number between 0 and 1"),
    (lambda: nn.DropPath("a"), TypeError, "DropPath: p: expected a number"),
    (lambda: nn.StochasticDepth(-1, "row"), ValueError, "StochasticDepth: p"),
    (lambda: nn.StochasticDepth(0.5, "column"), ValueError, "expected one of 'batch', 'row'"),
    (lambda: F.stochastic_depth(pg.ones(3), 0.5, "column"), ValueError, "stochastic_depth: mode"),
    (lambda: F.drop_path(pg.ones(()), 0.5, True), RuntimeError, r"samples \(N, ...\)"),
])
def test_stochastic_depth_refuses_what_makes_no_sense(call, error, text):
    with pytest.raises(error, match=text):
        call()
