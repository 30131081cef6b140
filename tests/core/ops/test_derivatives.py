"""Derivatives where PyTorch has none to compare with, or where it fails: by finite differences."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.testing import gradcheck, gradgradcheck

from ...tolerances import GRADIENT, assert_close


def drawn(*shape):
    x = np.random.default_rng([3, *shape]).standard_normal(shape)
    return pg.from_numpy(x).requires_grad_()


SINGULAR = np.array([[1.0, 2, 3], [2, 4, 6], [0, 1, 1]])


@pytest.mark.parametrize("call, shapes", [
    *((lambda a, b, p=p: pg.cdist(a, b, p), [(3, 4), (2, 4)]) for p in (1, 1.5, 2, 3, np.inf)),
    (lambda a: pg.vander(a), [(4,)]),
    (lambda a: pg.vander(a, 3, increasing=True), [(4,)]),
    (lambda a, b: pg.kron(a.T, b.T), [(2, 3), (3, 2)]),
    *((lambda a, p=p: pg.linalg.cond(a, p), [(3, 3)]) for p in (1, np.inf, "fro")),
    (lambda a: pg.linalg.qr(a)[0], [(4, 3)]),
    (lambda a: pg.linalg.lstsq(a, a.exp())[1], [(4, 2)]),
    (lambda a: pg.linalg.slogdet(a)[1], [(2, 3, 3)]),
])
def test_first_and_second(call, shapes):
    inputs = [drawn(*shape) for shape in shapes]
    assert gradcheck(call, inputs)
    assert gradgradcheck(call, inputs)


@pytest.mark.parametrize("p", [0, 1, 1.5, 2, 3, np.inf])
def test_distances_of_equal_points_have_gradient_zero(p):
    points = np.array([[0.0, 1], [2, 5], [0, 1], [5, 3]])
    got, expected = [], []
    for lib, grads in ((pg, got), (torch, expected)):
        a, b = (lib.from_numpy(points.copy()).requires_grad_() for _ in range(2))
        weights = lib.from_numpy(np.arange(16.0).reshape(4, 4))
        y = (lib.cdist(a, b, p) * weights).sum() + 0 * a.sum() + 0 * b.sum()
        grads += [g.detach().numpy() for g in lib.autograd.grad(y, [a, b])]
    for mine, theirs in zip(got, expected, strict=True):
        assert_close(mine, theirs, GRADIENT)


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_as_gradient():
    a = pg.tensor(SINGULAR, requires_grad=True)
    y = pg.linalg.det(a)
    y.backward()
    minors = [[np.linalg.det(np.delete(np.delete(SINGULAR, i, 0), j, 1)) for j in range(3)]
              for i in range(3)]
    signs = (-1.0) ** np.add.outer(np.arange(3), np.arange(3))
    assert abs(y.item()) < 1e-12
    np.testing.assert_allclose(a.grad.numpy(), signs * minors, atol=1e-12)


def test_a_product_with_several_zeros_at_one_place_has_second_derivatives():
    x, src = drawn(2), pg.tensor([0.0, 3, 0, 2], dtype=pg.float64, requires_grad=True)
    index = pg.tensor([0, 0, 0, 1])

    def call(x, src):
        return x.scatter_reduce(0, index, src, "prod")

    assert gradcheck(call, [x, src])
    assert gradgradcheck(call, [x, src])
    assert call(x, src).tolist() == [0, 2 * x[1].item()]


def test_singular_values_that_are_equal_leave_their_sum_a_gradient():
    a = pg.eye(3, dtype=pg.float64).requires_grad_()
    g, = pg.autograd.grad(pg.linalg.svdvals(a).sum(), a)
    np.testing.assert_allclose(g.numpy(), np.eye(3), atol=1e-12)
    g, = pg.autograd.grad(pg.linalg.matrix_norm(pg.zeros(2, 3) * a[:2], "nuc"), a)
    assert np.isfinite(g.numpy()).all()


def test_reading_one_triangle_gives_a_symmetric_gradient():
    a = drawn(3, 3)
    for call in (lambda: pg.linalg.eigh(a).eigenvectors ** 2, lambda: pg.linalg.eigvalsh(a),
                 lambda: pg.linalg.cholesky(a + 9 * pg.eye(3))):
        g, = pg.autograd.grad((call() ** 3).sum(), a)
        np.testing.assert_allclose(g.numpy(), g.numpy().T, atol=1e-14)
        assert abs(g.numpy()).max() > 1e-3


def test_logcumsumexp_does_not_overflow_where_its_parts_would():
    x = pg.tensor([-800.0, 800, 0, 801, -np.inf], dtype=pg.float64, requires_grad=True)
    y = pg.logcumsumexp(x, 0)
    g, = pg.autograd.grad(y.sum(), x)
    expected = np.logaddexp(800, 801)
    np.testing.assert_allclose(y.tolist(), [-800, 800, 800, expected, expected])
    share = np.exp(800 - expected)
    np.testing.assert_allclose(g.tolist(), [1, 2 + 2 * share, 0, 2 - 2 * share, 0], atol=1e-13)


def test_logcumsumexp_of_nothing_so_far_has_gradient_zero():
    x = pg.tensor([-np.inf, -np.inf, -700, 2], dtype=pg.float64, requires_grad=True)
    g, = pg.autograd.grad((pg.logcumsumexp(x, 0) * pg.tensor([1.0, 2, 3, 4])).sum(), x)
    assert g.tolist() == [0, 0, 3, 4]


def test_gauge_free_functions_rebuild_the_matrix():
    a = pg.from_numpy(np.random.default_rng(0).standard_normal((2, 4, 3)))
    u, s, vh = pg.linalg.svd(a)
    assert u.shape == (2, 4, 4) and vh.shape == (2, 3, 3)
    np.testing.assert_allclose((u[..., :3] * s.unsqueeze(-2) @ vh).numpy(), a.numpy(), atol=1e-13)
    old = pg.svd(a)
    np.testing.assert_allclose((old.U * old.S.unsqueeze(-2) @ old.V.mT).numpy(), a.numpy(),
                               atol=1e-13)
    assert not pg.svd(a, compute_uv=False).V.any()
    for q, r in (a.qr(), a.qr(some=False), pg.linalg.qr(a, "complete")):
        np.testing.assert_allclose((q @ r).numpy(), a.numpy(), atol=1e-13)
    w, v = pg.linalg.eigh(a.mT @ a)
    np.testing.assert_allclose((v * w.unsqueeze(-2) @ v.mT).numpy(), (a.mT @ a).numpy(), atol=1e-13)
