"""Clipped gradients, and parameters as one vector, are PyTorch's."""

import math

import numpy as np
import plugrad as pg
import pytest
import torch

from ...plugins.parity import check_refusal, check_signature
from ...tolerances import assert_close

SHAPES = [(3, 4), (4,), (), (2, 0, 3)]
ORDERS = [2, 2.0, 1, 3.5, 0.5, 0, math.inf, "inf", -math.inf]


def model(lib, dtype="float32", scale=1.0, shapes=SHAPES):
    """Parameters with gradients, and one without."""
    rng = np.random.default_rng(0)
    params = []
    for shape in shapes:
        w = lib.zeros(shape, dtype=getattr(lib, dtype), requires_grad=True)
        w.grad = lib.tensor(scale * rng.standard_normal(shape), dtype=w.dtype)
        params.append(w)
    return [*params, lib.zeros(3, requires_grad=True)]


def gradients(params):
    return [w.grad.numpy() for w in params if w.grad is not None]


@pytest.mark.parametrize("name", ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_",
                                  "get_total_norm", "parameters_to_vector",
                                  "vector_to_parameters"])
def test_signatures_are_pytorchs(name):
    check_signature(getattr(pg.nn.utils, name), getattr(torch.nn.utils, name))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [0.1, 10.0])
@pytest.mark.parametrize("p", ORDERS, ids=repr)
def test_clip_grad_norm_equals_pytorchs(p, scale, dtype):
    results = []
    for lib in (pg, torch):
        shapes = SHAPES if abs(float(p)) != math.inf else SHAPES[:3]     # empty: no largest number
        params = model(lib, dtype, scale, shapes)
        total = lib.nn.utils.clip_grad_norm_(params, 1.5, p, foreach=False)
        results.append([total.numpy(), *gradients(params)])
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs)


def test_the_norm_is_that_of_all_numbers():
    grads = [w.grad for w in model(pg, "float64")[:-1]]
    everything = np.concatenate([g.numpy().ravel() for g in grads])
    assert pg.nn.utils.get_total_norm(grads).item() == pytest.approx(np.linalg.norm(everything))
    assert pg.nn.utils.get_total_norm(grads[0], 1).item() == pytest.approx(
        np.abs(grads[0].numpy()).sum())


def test_clipped_gradients_have_the_norm_asked_for_and_their_direction():
    params = model(pg, "float64", 100.0)
    before = gradients(params)[0].copy()
    pg.nn.utils.clip_grad_norm_(iter(params), 2.0)
    assert pg.nn.utils.get_total_norm(w.grad for w in params[:-1]).item() == pytest.approx(2.0)
    after = gradients(params)[0]
    np.testing.assert_allclose(after / after[0, 0], before / before[0, 0])


def test_clips_in_place_and_without_recording():
    w = pg.ones(3, requires_grad=True)
    g = w.grad = pg.full((3,), 5.0)
    total = pg.nn.utils.clip_grad_norm_(w, 1.0)
    assert w.grad is g and not total.requires_grad and not w.grad.requires_grad
    assert g.numpy() == pytest.approx(1 / math.sqrt(3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("most", [0.5, 0, 100])
def test_clip_grad_value_equals_pytorchs(most, dtype):
    results = []
    for lib in (pg, torch):
        params = model(lib, dtype)
        assert lib.nn.utils.clip_grad_value_(params, most, foreach=False) is None
        results.append(gradients(params))
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_goes_where_pytorchs_goes_or_is_refused(bad):
    results = []
    for lib in (pg, torch):
        params = model(lib)
        params[0].grad[1, 2] = bad
        results.append([lib.nn.utils.clip_grad_norm_(params, 1.0).numpy(), *gradients(params)])
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs)

    def call(lib):
        params = model(lib)
        params[0].grad[1, 2] = bad
        lib.nn.utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)

    check_refusal(call, RuntimeError, "expected gradients with a finite norm of order 2, got ...;")


def test_nothing_to_clip():
    for lib in (pg, torch):
        w = lib.zeros(3, requires_grad=True)
        assert lib.nn.utils.get_total_norm([]).item() == 0
        assert lib.nn.utils.clip_grad_norm_([w], 1.0).item() == 0
        with pytest.warns(UserWarning, match="is an empty generator"):
            lib.nn.utils.clip_grad_norm_((w for w in ()), 1.0)
    pg.nn.utils.clip_grad_value_(pg.zeros(3, requires_grad=True), 1.0)


def test_parameters_become_a_vector_and_come_back():
    results = []
    for lib in (pg, torch):
        layer = lib.nn.Linear(2, 3)
        with lib.no_grad():
            for i, w in enumerate(layer.parameters()):
                w.copy_(lib.arange(w.numel()).reshape(w.shape) + 10 * i)
        vector = lib.nn.utils.parameters_to_vector(layer.parameters())
        (vector ** 2).sum().backward()
        lib.nn.utils.vector_to_parameters(vector.detach() + 1, layer.parameters())
        results.append([vector.detach().numpy(), layer.weight.grad.numpy(),
                        layer.weight.detach().numpy(), layer.bias.detach().numpy()])
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs)


def test_the_parameters_look_into_the_vector():
    for lib in (pg, torch):
        w, v = lib.ones(2, requires_grad=True), lib.ones(1, 2, requires_grad=True)
        vector = lib.zeros(5)
        lib.nn.utils.vector_to_parameters(vector, [w, v])
        vector[2] = 7.0
        assert v.tolist() == [[7.0, 0.0]] and v.requires_grad and v.is_leaf


def test_vectors_that_do_not_fit_are_refused():
    def parameter(lib):
        return [lib.zeros(2, 2, requires_grad=True)]

    check_refusal(lambda lib: lib.nn.utils.vector_to_parameters(lib.zeros(3), parameter(lib)),
                  RuntimeError, "expected a vector of 4 numbers, as many as the .* got 3")
    check_refusal(lambda lib: lib.nn.utils.vector_to_parameters([0.0] * 4, parameter(lib)),
                  TypeError, "expected a Tensor, got list")
    check_refusal(lambda lib: lib.nn.utils.parameters_to_vector([]), ValueError,
                  "parameters_to_vector: expected at least one parameter, got none")
