"""Special functions where PyTorch's own are too inaccurate, or silent, to be compared with."""

import math

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import GRADIENT, SECOND_GRADIENT, assert_close

ANYWHERE = np.array([1e-3, 0.1, 0.7, 1, 1.4616321449683623, 2, 5.5, 30, 1e4, 1e9,
                     -1e-3, -0.1, -0.5, -0.99, -1.5, -3.25, -7.9])


def zeta(order, x):
    """The sum of 1 / (x + k)^order over k = 0, 1, ..., by steps up to where PyTorch's is exact."""
    shifts = np.maximum(0, np.ceil(1 - x)).astype(int)
    first = [sum((v + k) ** -order for k in range(n)) for v, n in zip(x, shifts, strict=True)]
    return np.array(first) + torch.special.zeta(torch.tensor(float(order)),
                                                torch.from_numpy(x + shifts)).numpy()


def slopes(function, x, times):
    """The derivatives of that many orders, by repeated backward."""
    found, x = [], pg.from_numpy(x).requires_grad_()
    y = function(x)
    for _ in range(times):
        y, = pg.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y.detach().numpy())
    return found


def test_derivatives_of_lgamma():
    first, second, third = slopes(pg.lgamma, ANYWHERE, 3)
    assert_close(first, torch.digamma(torch.from_numpy(ANYWHERE)).numpy(), GRADIENT)
    assert_close(second, zeta(2, ANYWHERE), GRADIENT)
    assert_close(third, -2 * zeta(3, ANYWHERE), SECOND_GRADIENT)


def test_derivatives_of_digamma():
    first, second = slopes(pg.digamma, ANYWHERE, 2)
    assert_close(first, zeta(2, ANYWHERE), GRADIENT)
    assert_close(second, -2 * zeta(3, ANYWHERE), SECOND_GRADIENT)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["digamma", "lgamma"])
def test_gamma_functions_are_pytorchs(name, dtype):
    poles = [0.0, -0.0, -1, -2, -30, np.inf, -np.inf, np.nan]
    x = np.r_[ANYWHERE, np.linspace(-6.05, 20, 400), poles].astype(dtype)
    exact = getattr(torch, name)(torch.from_numpy(x).double()).numpy()
    got = getattr(pg, name)(pg.from_numpy(x)).numpy()
    room = 50 * np.finfo(dtype).eps             # near a pole, pi x loses digits
    np.testing.assert_allclose(got, exact.astype(dtype), rtol=room, atol=room)


@pytest.mark.parametrize("size", [1e-300, 1e-9, 0.3, 0.499, 0.5, 0.9, 1 - 1e-9, 1 - 2 ** -53])
def test_erfinv_inverts(size):
    x = pg.tensor([size, -size], dtype=pg.float64)
    y = pg.erfinv(x)
    # far out, erfc has the digits that erf lacks
    back = pg.erf(y) if size < 0.5 else (1 - pg.erfc(abs(y))) * y.sign()
    np.testing.assert_allclose(back.numpy(), x.numpy(), rtol=3e-16, atol=0)
    np.testing.assert_allclose(pg.erfc(y[0]).item(), 1 - size, rtol=1e-14)


def test_logaddexp_keeps_what_is_small():
    got = pg.logaddexp(pg.tensor(0.0, dtype=pg.float64), pg.tensor(-40.0, dtype=pg.float64))
    assert got.item() == pytest.approx(math.exp(-40), rel=1e-14)


def test_logaddexp_bends_where_both_are_equal():
    a, b = (pg.tensor([1.5], dtype=pg.float64, requires_grad=True) for _ in "ab")
    first = pg.autograd.grad(pg.logaddexp(a, b), [a, b], create_graph=True)
    assert [g.item() for g in first] == [0.5, 0.5]
    assert [g.item() for g in pg.autograd.grad(first[0], [a, b])] == [0.25, -0.25]


def test_hypot_of_the_largest_and_the_least():
    got = pg.hypot(pg.tensor([1.2e38, 3e-38]), pg.tensor([1.6e38, 4e-38]))
    np.testing.assert_allclose(got.numpy(), [2e38, 5e-38], rtol=1e-6)


def test_float_power_takes_numbers_in_full():
    got = pg.float_power(2.1, pg.tensor([0.1, 3]))
    assert got.dtype is pg.float64
    np.testing.assert_array_equal(got.numpy(), 2.1 ** np.array([np.float32(0.1), 3], np.float64))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: pg.positive(pg.tensor([True])), "positive: .* bool"),
    (lambda: pg.gcd(pg.tensor([1.5]), pg.tensor([2])), "gcd: .* float32"),
    (lambda: pg.lcm(pg.tensor([True]), pg.tensor([True])), "gcd: .* bool"),
    (lambda: pg.fmod(pg.tensor([1]), 0), "ZeroDivisionError"),
    (lambda: pg.hypot(pg.ones(2), pg.ones(3)), r"hypot: shapes \(2,\) and \(3,\)"),
    (lambda: pg.logaddexp(pg.ones(2), pg.ones(3)), r"logaddexp: .*\(2,\) and \(3,\)"),
    (lambda: pg.gcd(pg.tensor([1, 2]), pg.tensor([1, 2, 3])), r"gcd: .*\(2,\) and \(3,\)"),
    (lambda: pg.fmax(pg.ones(2), pg.ones(3)), r"\(2,\) and \(3,\)"),
    (lambda: pg.ones(2).asin_(1), "argument"),
    (lambda: pg.ones(3, dtype=pg.int64).asin_(), "asin_: .*float32.*int64"),
])
def test_what_is_refused(call, message):
    with pytest.raises((RuntimeError, TypeError), match=message):
        call()


POINTS = [-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, float("inf"), float("nan")]


@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
@pytest.mark.parametrize("other", [-1.5, -1.0, 0.0, 0.5, 2.0, float("inf")])
def test_the_gradient_of_a_product_with_a_logarithm_where_it_has_a_pole(name, other):
    def gradients(lib):
        x = lib.tensor(POINTS, dtype=lib.float64, requires_grad=True)
        y = lib.tensor([other] * len(POINTS), dtype=lib.float64, requires_grad=True)
        value = getattr(lib.special, name)(x, y)
        return [t.detach().numpy() for t in (value, *lib.autograd.grad(value.sum(), (x, y)))]

    for mine, theirs in zip(gradients(pg), gradients(torch), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def test_the_gradient_of_an_entropy_is_infinite_at_0():
    def gradient(lib):
        x = lib.tensor(POINTS, dtype=lib.float64, requires_grad=True)
        return lib.autograd.grad(lib.special.entr(x).sum(), x)[0].numpy()

    np.testing.assert_allclose(gradient(pg), gradient(torch), rtol=1e-12)


def test_the_gradient_by_a_number_times_a_logarithm():
    x = pg.zeros(1, requires_grad=True)
    pg.xlogy(x, 2.0).sum().backward()

    assert x.grad.item() == pytest.approx(0.6931472)
