"""Every built-in normalization against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.testing import gradcheck, gradgradcheck

from .parity import (
    Row,
    cases,
    check,
    check_begin,
    check_refusal,
    converted,
    same_modules,
    x,
)

BATCH_NORM = [{}, {"eps": 0.1}, {"momentum": 0.3}, {"momentum": None}, {"affine": False},
              {"track_running_stats": False}, {"affine": False, "track_running_stats": False},
              {"bias": False}]
INSTANCE_NORM = [{}, {"eps": 0.1}, {"affine": True}, {"affine": True, "bias": False},
                 {"track_running_stats": True}, {"track_running_stats": True, "momentum": None},
                 {"affine": True, "track_running_stats": True, "momentum": 0.3}]
LAYER_NORM = [{}, {"eps": 0.1}, {"bias": False}, {"elementwise_affine": False}]

ROWS = [
    *(Row("BatchNorm1d", {"num_features": 3} | options, (inputs,))
      for options in BATCH_NORM for inputs in (x(5, 3), x(2, 3, 4))),
    *(Row("BatchNorm2d", {"num_features": 3} | options, (x(2, 3, 4, 5),))
      for options in BATCH_NORM),
    Row("BatchNorm2d", {"num_features": 3}, (x(2, 3, 4, 5) * 5 + 100,)),
    *(Row("LayerNorm", {"normalized_shape": shape} | options, (x(4, 2, 3),))
      for options in LAYER_NORM for shape in (3, (2, 3), (4, 2, 3))),
    *(Row("BatchNorm3d", {"num_features": 3} | options, (x(2, 3, 4, 2, 3),))
      for options in BATCH_NORM),
    *(Row(f"BatchNorm{len(shape) - 2}d", {"num_features": 3} | options, (x(*shape),))
      for options in ({}, {"momentum": None})
      for shape in ((2, 3, 0), (0, 3, 4, 5), (2, 3, 0, 5), (0, 3, 2, 2, 2))),
    *(Row("BatchNorm1d", {"num_features": 3} | options, (x(0, 3),))
      for options in ({}, {"momentum": None}, {"track_running_stats": False})),
    *(Row(f"InstanceNorm{d}d", {"num_features": 3} | options, (inputs,))
      for d, shape in enumerate(((5,), (4, 5), (2, 4, 3)), 1)
      for inputs in (x(2, 3, *shape), x(3, *shape)) for options in INSTANCE_NORM),
    Row("InstanceNorm1d", {"num_features": 3, "affine": True}, (x(2, 3, 40) * 5 + 100,)),
    Row("InstanceNorm1d", {"num_features": 3}, (x(0, 3, 4),)),
    Row("InstanceNorm2d", {"num_features": 3, "track_running_stats": True}, (x(2, 3, 0, 4),)),
    *(Row("GroupNorm", {"num_groups": groups, "num_channels": 6} | options, (inputs,))
      for options in ({}, {"eps": 0.1}, {"affine": False}, {"bias": False})
      for groups in (1, 2, 6) for inputs in (x(2, 6, 5), x(3, 6, 2, 4))),
    *(Row("GroupNorm", {"num_groups": 2, "num_channels": 6} | options, (x(2, 6),))
      for options in ({}, {"affine": False}, {"bias": False})),
    # Of single values nothing is left but rounding, which eps must be large enough to bury.
    Row("GroupNorm", {"num_groups": 6, "num_channels": 6, "eps": 1.0}, (x(2, 6),)),
    *(Row("GroupNorm", {"num_groups": 2, "num_channels": 4}, (inputs,)) for inputs in (
        x(0, 4), x(1, 4), x(2, 4, 3, 2, 3), x(2, 4, 70), x(2, 4, 30) * 5 + 100,
        x(2, 4, 300), x(1, 4, 60, 80))),
    *(Row("RMSNorm", {"normalized_shape": shape} | options, (x(4, 2, 3),))
      for options in ({}, {"eps": 0.1}, {"elementwise_affine": False}) for shape in (3, (2, 3))),
    *(Row("RMSNorm", {"normalized_shape": 3}, (inputs,))
      for inputs in (x(3), x(0, 3), x(2, 3) * 1e-3, x(2, 3) * 1e4, x(40, 3))),
    Row("RMSNorm", {"normalized_shape": 70}, (x(5, 70),)),
    *(Row("LocalResponseNorm", {"size": size} | options, (inputs,)) for size in (1, 2, 3, 9)
      for options in ({}, {"alpha": 0.5, "beta": 1.25, "k": 2.0})
      for inputs in (x(2, 4, 3), x(2, 4, 3, 2))),
    Row("LocalResponseNorm", {"size": 2}, (x(1, 3, 2, 2, 2, 2),)),
    Row("LocalResponseNorm", {"size": 2}, (x(0, 3, 2),)),
    *(Row("F.normalize", options, (x(4, 3),)) for options in (
        {}, {"dim": 0}, {"dim": -1, "p": 1}, {"p": 3.0}, {"p": float("inf")}, {"p": 1.5},
        {"eps": 1.0}, {"dim": (0, 1)})),
    *(Row("F.normalize", {}, (inputs,)) for inputs in (x(0, 3), x(2, 0), x(2, 3, 2))),
    *(Row("F.batch_norm", {"running_mean": x(3), "running_var": x(3) ** 2} | options,
          (x(2, 3, 4),)) for options in (
        {}, {"training": True}, {"training": True, "momentum": 0.3, "eps": 0.1},
        {"weight": x(3), "bias": x(3)}, {"weight": x(3), "training": True})),
    Row("F.batch_norm", {"running_mean": None, "running_var": None, "training": True},
        (x(2, 3, 4),)),
    *(Row("F.layer_norm", options, (x(2, 4, 3),)) for options in (
        {"normalized_shape": (3,)}, {"normalized_shape": (4, 3), "eps": 0.1},
        {"normalized_shape": (3,), "weight": x(3), "bias": x(3)})),
    Row("F.group_norm", {"num_groups": 2}, (x(2, 4, 3),)),
    Row("F.group_norm", {"num_groups": 2, "weight": x(4), "bias": x(4)}, (x(2, 4, 3),)),
    Row("F.rms_norm", {"normalized_shape": (3,), "weight": x(3), "eps": 0.1}, (x(2, 4, 3),)),
    Row("F.rms_norm", {"normalized_shape": (3,)}, (x(2, 4, 3),)),
    Row("F.local_response_norm", {"size": 3}, (x(2, 4, 3),)),
    *(Row("F.instance_norm", options, (x(2, 3, 4),)) for options in (
        {}, {"eps": 0.1}, {"weight": x(3)}, {"bias": x(3)}, {"weight": x(3), "bias": x(3)},
        {"running_mean": x(3), "running_var": x(3) ** 2, "use_input_stats": False},
        {"running_mean": x(3), "running_var": x(3) ** 2})),
]


@cases(ROWS)
def test_normalization_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


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


def test_parameters_and_statistics_of_instances_begin_as_pytorchs():
    check_begin(Row("InstanceNorm2d", {"num_features": 3, "affine": True,
                                       "track_running_stats": True}))


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 4), (2, 3, 0)])
@pytest.mark.parametrize("name", ["BatchNorm1d", "InstanceNorm1d"])
def test_an_empty_batch_leaves_the_running_statistics(name, shape):
    if name == "InstanceNorm1d" and len(shape) == 2:
        shape = (3, 0)
    module = getattr(nn, name)(3, track_running_stats=True)
    module(pg.zeros(*shape))

    assert module.running_mean.tolist() == [0, 0, 0] and module.running_var.tolist() == [1, 1, 1]


def test_running_statistics_of_instances_follow_pytorchs_over_several_batches():
    row = Row("InstanceNorm2d", {"num_features": 2, "track_running_stats": True})
    ours, theirs = same_modules(row, "float64")
    for seed in range(4):
        batch = x(3, 2, 4, 5, seed=seed)
        ours(converted(pg, batch, "float64"))
        theirs(converted(torch, batch, "float64"))

    for name, expected in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name].numpy(), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("shape", [(2, 4, 3), (3, 4, 1), (2, 4, 0), (2, 4, 37), (3, 4, 300),
                                   (1, 4, 5000)])
def test_both_forms_of_the_gradient_of_groups_agree(shape):
    from plugrad.plugins.normalizations.group_norm import Groups, gradient_in_tensors
    arrays = x(*shape), x(4), x(4, seed=1), x(*shape, seed=2)
    for dtype, tolerance in (("float64", 1e-9), ("float32", 1e-3)):
        *inputs, g = (pg.from_numpy(a.astype(dtype)).requires_grad_() for a in arrays)
        fused = pg.autograd.grad([Groups(2, 0.1)(*inputs)], inputs, [g.detach()])

        for got, expected in zip(fused, gradient_in_tensors(g, *inputs[:2], 2, 0.1), strict=True):
            np.testing.assert_allclose(got.numpy(), expected.detach().numpy(), rtol=tolerance,
                                       atol=tolerance / 10)


def test_gradients_of_groups_and_their_gradients():
    from plugrad.plugins.normalizations.group_norm import Groups
    inputs = [pg.from_numpy(a).requires_grad_() for a in (x(2, 4, 3), x(4), x(4, seed=1))]

    assert gradcheck(lambda *inputs: Groups(2, 0.1)(*inputs), inputs)
    assert gradgradcheck(lambda *inputs: Groups(2, 0.1)(*inputs), inputs)


def test_threads_do_not_change_a_bit_of_groups():
    module, images = nn.GroupNorm(4, 24), pg.randn(5, 24, 31, 29).requires_grad_()
    before, found = pg.get_num_threads(), []
    try:
        for threads in (1, 2, 4):
            pg.set_num_threads(threads)
            y = module(images)
            found.append([y, *pg.autograd.grad([y.sin().sum()], [images, *module.parameters()])])
    finally:
        pg.set_num_threads(before)

    for others in zip(*found, strict=True):
        assert all(np.array_equal(others[0].detach().numpy(), t.detach().numpy()) for t in others)


def test_the_kernel_of_groups_refuses_what_does_not_fit():
    from plugrad.plugins.normalizations._group_norm import group_norm_backward, group_norm_forward
    fits = [np.ones(shape) for shape in ((2, 4, 3), (4,), (4,))]
    for i, wrong in enumerate((np.ones((2, 4)), np.ones(3), np.ones(4, np.float32))):
        with pytest.raises(RuntimeError, match="group_norm: expected"):
            group_norm_forward(*fits[:i], wrong, *fits[i + 1:], 2, 0.1)
    with pytest.raises(RuntimeError, match="C divisible by 3"):
        group_norm_forward(*fits, 3, 0.1)
    _, stats = group_norm_forward(*fits, 2, 0.1)
    for g, s in ((np.ones((2, 4, 2)), stats), (np.ones((2, 4, 3)), stats[:1])):
        with pytest.raises(RuntimeError, match="group_norm: expected"):
            group_norm_backward(g, *fits[:2], s, 2, True)


@pytest.mark.parametrize("shape", [(2, 4, 5), (4, 5)])
def test_another_number_of_channels_is_warned_of_where_it_makes_no_difference(shape):
    for lib in (pg, torch):
        with pytest.warns(UserWarning, match="num_features|expected 3 channels in dimension"):
            y = lib.nn.InstanceNorm1d(3)(lib.ones(*shape))
        assert tuple(y.shape) == shape


@pytest.mark.parametrize("zero", [0.0, 1e-30])
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_normalizing_what_is_nearly_zero_is_pytorchs(p, zero):
    found = []
    for lib in (pg, torch):
        rows = lib.full((2, 3), zero, dtype=lib.float64).requires_grad_()
        y = lib.nn.functional.normalize(rows, p)
        y.sum().backward()
        found.append((y.detach().numpy(), rows.grad.numpy()))

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_unit_norm_makes_vectors_of_length_one_times_its_scale():
    vectors = pg.from_numpy(x(2, 3, 4))

    for dim in (-1, 1, 0):
        plain, single = nn.UnitNorm(dim), nn.UnitNorm(dim, scale=10)
        each = nn.UnitNorm(dim, scale=1, features=vectors.shape[dim]).double()
        with pg.no_grad():
            each.scale.copy_(pg.arange(vectors.shape[dim]) + 1)
        y = plain(vectors)

        np.testing.assert_allclose(y.norm(2, dim).numpy(), 1)
        np.testing.assert_allclose(single(vectors).detach().numpy(), 10 * y.numpy())
        factors = np.moveaxis(each(vectors).detach().numpy() / y.numpy(), dim, -1)
        np.testing.assert_allclose(factors, np.broadcast_to(each.scale.tolist(), factors.shape))
    assert not plain.state_dict() and tuple(single.scale.shape) == () and single.scale.item() == 10
    assert repr(plain) == "UnitNorm(dim=0, eps=1e-12)"
    assert repr(each) == "UnitNorm(dim=0, eps=1e-12, scale=1, features=2)"
    assert not nn.UnitNorm()(pg.zeros(3)).numpy().any()


BAD = [
    (lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(1, 3)), ValueError, "more than 1 value"),
    (lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(2, 3, 4, 5)), ValueError, "expected 2D or 3D"),
    (lambda lib: lib.nn.BatchNorm2d(3)(lib.zeros(2, 3)), ValueError, "expected 4D"),
    (lambda lib: lib.nn.BatchNorm2d(3)(lib.zeros(2, 4, 5, 5)), (RuntimeError, ValueError), "4"),
    (lambda lib: lib.nn.LayerNorm(3)(lib.zeros(2, 4)), RuntimeError, r"\(2, 4\)"),
    (lambda lib: lib.nn.functional.batch_norm(lib.zeros(2, 3), None, None),
     (RuntimeError, ValueError), "running_mean"),
    (lambda lib: lib.nn.BatchNorm3d(3)(lib.zeros(2, 3, 4, 5)), ValueError, "expected 5D"),
    (lambda lib: lib.nn.InstanceNorm1d(3)(lib.zeros(3)), ValueError, "expected 2D or 3D"),
    (lambda lib: lib.nn.InstanceNorm2d(3)(lib.zeros(3, 5)), ValueError, "expected 3D or 4D"),
    (lambda lib: lib.nn.InstanceNorm1d(3)(lib.zeros(2, 3, 1)), ValueError, "more than 1 value"),
    (lambda lib: lib.nn.InstanceNorm1d(3, affine=True)(lib.zeros(2, 4, 5)), ValueError,
     r"expected 3 channels in dimension 1, got shape \(2, 4, 5\)"),
    (lambda lib: lib.nn.InstanceNorm1d(3, track_running_stats=True)(lib.zeros(2, 4, 5)),
     (RuntimeError, ValueError), "expected 3 channels"),
    (lambda lib: lib.nn.functional.instance_norm(lib.zeros(2, 3, 4), use_input_stats=False),
     RuntimeError, "running_mean and running_var"),
    (lambda lib: lib.nn.functional.instance_norm(lib.zeros(2, 3, 4), weight=lib.zeros(2)),
     RuntimeError, r"weight of shape \(3,\)"),
    (lambda lib: lib.nn.GroupNorm(2, 5), ValueError, r"num_channels \(5\) must be divisible"),
    (lambda lib: lib.nn.GroupNorm(0, 5), (ZeroDivisionError, ValueError), "num_groups"),
    (lambda lib: lib.nn.GroupNorm(2, 4)(lib.zeros(4)), RuntimeError, "at least 2 dimensions"),
    (lambda lib: lib.nn.GroupNorm(2, 4)(lib.zeros(2, 6)), RuntimeError, r"weight of shape \(6,\)"),
    (lambda lib: lib.nn.GroupNorm(2, 4)(lib.zeros(2, 5)), RuntimeError, "num_groups=2 divides"),
    (lambda lib: lib.nn.GroupNorm(4, 4)(lib.zeros(1, 4)), ValueError, "more than 1 value"),
    (lambda lib: lib.nn.RMSNorm(3)(lib.zeros(2, 4)), RuntimeError, r"\(2, 4\)"),
    (lambda lib: lib.nn.functional.rms_norm(lib.zeros(2, 3), (3,), lib.zeros(2)), RuntimeError,
     r"weight of shape \(3,\)"),
    (lambda lib: lib.nn.LocalResponseNorm(2)(lib.zeros(2, 3)), ValueError, "3 dimensions or more"),
    (lambda lib: lib.nn.LocalResponseNorm(0)(lib.zeros(1, 3, 4)), (RuntimeError, ValueError),
     "size: expected at least 1"),
    (lambda lib: lib.nn.functional.normalize(lib.zeros(3)), IndexError, "dim"),
]


@pytest.mark.filterwarnings("ignore:input's size at dim=1")          # PyTorch's, before it fails
@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("call, error, text", [
    (lambda: nn.UnitNorm(features=3), ValueError, "features=3 needs scale="),
    (lambda: nn.UnitNorm(scale=1, features=3)(pg.ones(2, 4)), RuntimeError, r"3 features .*\(2, 4"),
    (lambda: nn.UnitNorm("a"), TypeError, "UnitNorm: dim: expected an int"),
])
def test_unit_norm_refuses_what_makes_no_sense(call, error, text):
    with pytest.raises(error, match=text):
        call()
