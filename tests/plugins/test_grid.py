"""Pixels from the places of a grid, distances of pairs, old names of interpolate; as in PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.nn import functional as F

from ..tolerances import GRADIENT, assert_close
from .parity import Row, cases, check, check_refusal, check_signature, of, x


def grid(*shape):
    """Places inside, outside, and far outside."""
    return x(*shape) * 1.3


FLAT, DEEP = (x(2, 3, 5, 4), grid(2, 6, 3, 2)), (x(2, 2, 3, 4, 5), grid(2, 2, 3, 2, 3))
OUTSIDE = ("zeros", "border", "reflection")
THETA = np.array([[[0.8, -0.3, 0.1], [0.2, 1.1, -0.4]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
ROWS = [
    *(Row("F.grid_sample", {"mode": mode, "padding_mode": outside, "align_corners": align}, inputs)
      for inputs in (FLAT, DEEP) for mode in ("bilinear", "nearest") for outside in OUTSIDE
      for align in (True, False)),
    *(Row("F.grid_sample", {"padding_mode": outside, "align_corners": align},
          (x(1, 2, 1, 4), grid(1, 3, 2, 2))) for outside in OUTSIDE for align in (True, False)),
    Row("F.grid_sample", {"align_corners": True}, (x(2, 3, 5, 4), grid(2, 0, 3, 2))),
    Row("F.grid_sample", {"align_corners": True}, (x(0, 3, 5, 4), grid(0, 2, 3, 2))),
    *(Row("F.affine_grid", {"size": size, "align_corners": align}, (THETA,))
      for size in ((2, 3, 4, 5), (2, 1, 1, 1), (2, 1, 3, 2)) for align in (True, False)
      if align is False or 1 not in size[2:]),
    *(Row("F.affine_grid", {"size": (2, 1, 3, 4, 2), "align_corners": align}, (x(2, 3, 4),))
      for align in (True, False)),
    *(Row("F.pdist", {"p": p}, (x(5, 3),)) for p in (0.5, 1.0, 2.0, 3.0, float("inf"))),
    Row("F.pdist", {}, (x(1, 3),)), Row("F.pdist", {}, (x(2, 4),)),
    *(Row(f"F.upsample{name}", options, (x(2, 3, 4, 5),)) for name, options in (
        ("", {"size": 7}), ("", {"scale_factor": 2.0, "mode": "bilinear"}),
        ("", {"size": (3, 2), "mode": "bilinear", "align_corners": True}),
        ("_nearest", {"scale_factor": 2}), ("_bilinear", {"size": (7, 9)}))),
]


@pytest.mark.filterwarnings("ignore:.*upsample", "ignore:Since version 1.3.0")
@cases(ROWS)
def test_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", ["F.grid_sample", "F.affine_grid", "F.upsample"])
def test_signature_is_pytorchs(name):
    check_signature(of(pg, name), of(torch, name))


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("padding_mode", OUTSIDE)
def test_second_gradients_of_grid_sample(padding_mode, align_corners):
    images, places = (pg.from_numpy(a).requires_grad_() for a in (x(1, 2, 3, 4), grid(1, 2, 2, 2)))
    assert pg.autograd.gradgradcheck(
        lambda a, g: F.grid_sample(a, g, "bilinear", padding_mode, align_corners), (images, places))


@pytest.mark.parametrize("align_corners", [True, False])
def test_the_grid_that_changes_nothing(align_corners):
    images = pg.from_numpy(x(2, 3, 5, 4))
    theta = pg.eye(2, 3, dtype=pg.float64).expand(2, 2, 3)
    same = F.grid_sample(images, F.affine_grid(theta, images.shape, align_corners),
                         align_corners=align_corners)
    assert_close(same.numpy(), images.numpy(), GRADIENT)


@pytest.mark.parametrize("edge", [-1.0, 1.0])
@pytest.mark.parametrize("padding_mode", OUTSIDE)
def test_values_and_gradients_at_the_very_edge(padding_mode, edge):
    found = []
    for lib in (pg, torch):
        places = lib.full((1, 1, 1, 2), edge, dtype=lib.float64, requires_grad=True)
        y = lib.nn.functional.grid_sample(lib.from_numpy(x(1, 1, 3, 3)), places, "bilinear",
                                          padding_mode, True)
        y.sum().backward()
        found.append((y.detach().numpy(), places.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs)


def test_halfway_between_two_pixels_the_even_one_is_the_nearest():
    places = np.stack(np.meshgrid([-0.5, 0.5], [-0.5, 0.5]), -1)[None]
    ours, theirs = (lib.nn.functional.grid_sample(
        lib.from_numpy(x(1, 1, 3, 3)), lib.from_numpy(places), "nearest", align_corners=True)
        for lib in (pg, torch))
    assert_close(ours.numpy(), theirs.numpy())


def test_equal_rows_have_no_gradient():
    for lib in (pg, torch):
        a = lib.ones(3, 2, requires_grad=True)
        lib.nn.functional.pdist(a).sum().backward()
        assert a.grad.tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("call, error, text", [
    (lambda F, t: F.grid_sample(t(1, 1, 2, 2), t(1, 2, 2, 2), mode="cubic", align_corners=True),
     ValueError, "mode: expected one of"),
    (lambda F, t: F.grid_sample(t(1, 1, 2, 2), t(1, 2, 2, 2), padding_mode="x", align_corners=True),
     ValueError, "padding_mode: expected one of"),
    (lambda F, t: F.grid_sample(t(1, 1, 2, 2), t(1, 2, 2, 1), align_corners=True), RuntimeError,
     "expected input"),
    (lambda F, t: F.grid_sample(t(1, 2, 2), t(1, 2, 2, 2), align_corners=True), RuntimeError,
     "expected input"),
    (lambda F, t: F.grid_sample(t(2, 1, 2, 2), t(1, 2, 2, 2), align_corners=True), RuntimeError,
     "expected input"),
    (lambda F, t: F.grid_sample(t(1, 1, 2, 2), t(1, 2, 2, 2).double(), align_corners=True),
     RuntimeError, "of its dtype"),
    (lambda F, t: F.grid_sample(t(1, 1, 0, 2), t(1, 2, 2, 2), align_corners=True), RuntimeError,
     "not empty"),
    (lambda F, t: F.affine_grid(t(1, 2, 3), (1, 1, 2, 2, 2), align_corners=True), ValueError,
     "expected theta"),
    (lambda F, t: F.affine_grid(t(2, 3), (1, 1, 2, 2), align_corners=True), ValueError,
     "expected theta"),
    (lambda F, t: F.affine_grid(t(1, 2, 3).long(), (1, 1, 2, 2), align_corners=True), ValueError,
     "theta of floats"),
    (lambda F, t: F.affine_grid(t(1, 2, 3), (1, 1, 0, 2), align_corners=True), ValueError,
     "not empty"),
    (lambda F, t: F.pdist(t(3)), RuntimeError, "expected a matrix"),
    (lambda F, t: F.pdist(t(3, 2), p=-1.0), RuntimeError, "p of at least 0")])
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(lambda lib: call(lib.nn.functional, lib.ones), error, text)


@pytest.mark.parametrize("call", [
    lambda lib: lib.nn.functional.upsample(lib.ones(1, 1, 2, 2), 3),
    lambda lib: lib.nn.functional.grid_sample(lib.ones(1, 1, 2, 2), lib.ones(1, 2, 2, 2)),
    lambda lib: lib.nn.functional.affine_grid(lib.ones(1, 2, 3), (1, 1, 2, 2))])
def test_what_pytorch_warns_of(call):
    for lib in (torch, pg):
        with pytest.warns(UserWarning, match="upsample|align_corners"):
            call(lib)
