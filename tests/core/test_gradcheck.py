"""The gradient check finds what is wrong, and says where."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.testing import GradcheckError, gradcheck, gradgradcheck


def leaf(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return pg.from_numpy(np.asarray(rng.standard_normal(shape))).requires_grad_()


class Cube(pg.Op):
    """y = x³, with a derivative that may be wrong."""

    def __init__(self, vjp):
        self.rule = vjp

    def forward(self, x):
        self.save(x)
        return x ** 3

    def vjp(self, g):
        return self.rule(g, *self.saved)


def cube(rule):
    return lambda x: Cube(rule)(x)


def test_right_gradients_pass():
    x, y = leaf(3, 2), leaf(2, seed=1)

    assert gradcheck(lambda x, y: ((x * y).exp(), x.sum()), (x, y)) is True
    assert gradgradcheck(lambda x, y: ((x * y).exp(), x.sum()), (x, y)) is True
    assert gradcheck(cube(lambda g, x: 3 * x * x * g), leaf(4)) is True
    assert gradgradcheck(cube(lambda g, x: 3 * x * x * g), leaf(4)) is True


WRONG = {
    "factor": lambda g, x: 2 * x * x * g,
    "sign": lambda g, x: -3 * x * x * g,
    "one element": lambda g, x: 3 * x * x * g * pg.tensor([1.0] * (len(x) - 1) + [2.0]).double(),
    "nothing": lambda g, x: g * 0,
    "nan": lambda g, x: g * float("nan"),
}


@pytest.mark.parametrize("rule", WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("size", [3, 300])          # tested element by element, and at random
def test_a_wrong_gradient_is_found(rule, size):
    with pytest.raises(GradcheckError, match=r"got .*, differences say"):
        gradcheck(cube(rule), leaf(size))


def test_a_wrong_element_is_named():
    with pytest.raises(GradcheckError, match=r"input 0|input0\[2\]"):
        gradcheck(cube(WRONG["one element"]), leaf(3))


@pytest.mark.parametrize("rule", [lambda g, x: 3 * (x * x).detach() * g,
                                  lambda g, x: 3 * x * x * g.detach()])
def test_a_gradient_that_is_not_differentiable_is_found(rule):
    assert gradcheck(cube(rule), leaf(3))
    with pytest.raises(GradcheckError, match="gradient of the gradient"):
        gradgradcheck(cube(rule), leaf(3))


def test_an_output_without_history_is_found():
    with pytest.raises(GradcheckError, match="output 1 depends on input 0 but carries no gradient"):
        gradcheck(lambda x: (x * 2, x.detach() * 2), leaf(3))
    with pytest.raises(GradcheckError, match=r"carries no gradient to it; .detach\(\)"):
        gradcheck(lambda x, w: x.detach() * w, (leaf(3), leaf(3, seed=1)))
    assert gradcheck(lambda x: (x * 2, pg.ones(2), (x > 100).sum()), leaf(3))


def test_an_output_without_history_may_jump():
    x = pg.from_numpy(np.array([0.0, 0.0, 1.0])).requires_grad_()

    assert gradcheck(lambda x: (x > 0).double(), x)
    assert gradcheck(lambda x: (x - x.max() >= 0).double(), x.detach()[:2].clone().requires_grad_())


def test_random_functions_are_found():
    with pytest.raises(GradcheckError, match="differs between two calls"):
        gradcheck(lambda x: x * pg.rand(3).double(), leaf(3))


def test_the_inputs_are_as_before():
    x = leaf(5)
    before = x.tolist()
    gradcheck(lambda x: x.exp(), x)

    assert x.tolist() == before and x.grad is None


def test_inputs_held_by_the_function_count():
    w, x = leaf(3), leaf(3, seed=1)

    assert gradcheck(lambda x, _: w * x, (x, w))


def test_strided_empty_and_single_inputs():
    x = pg.from_numpy(np.arange(12.0).reshape(3, 4)[:, ::2]).requires_grad_()

    for y in (x, leaf(0, 3), leaf()):
        assert gradcheck(lambda x: x * x, y) and gradgradcheck(lambda x: x * x, y)


@pytest.mark.parametrize("inputs, text", [
    (lambda: pg.ones(3), "none of the inputs requires a gradient"),
    (lambda: pg.ones(3).requires_grad_(), "input 0 is plugrad.float32"),
    (lambda: leaf(3) * 2, "input 0 is the result of"),
])
def test_inputs_that_cannot_be_tested_are_refused(inputs, text):
    with pytest.raises(ValueError, match=text):
        gradcheck(lambda x: x, inputs())


@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
def test_it_is_called_as_pytorchs(name):
    fn = {"gradcheck": gradcheck, "gradgradcheck": gradgradcheck}[name]
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)

    assert getattr(torch.autograd, name)(lambda x: x * x, (x,), eps=1e-6, atol=1e-5, rtol=1e-3)
    assert fn(lambda x: x * x, (leaf(2),), eps=1e-6, atol=1e-5, rtol=1e-3)


LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


@LIBS
def test_pytorchs_options(lib):
    class Wrong(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2.01

    x = lib.ones(3, dtype=lib.float64, requires_grad=True)
    check = lib.autograd.gradcheck
    assert check(lambda x: x * 2, x, raise_exception=False, fast_mode=True) is True
    assert check(Wrong.apply, (x,), raise_exception=False) is False
    assert check(Wrong.apply, (x,), raise_exception=False, fast_mode=True) is False
    assert check(Wrong.apply, (x,), rtol=0.1) is True
    assert lib.autograd.gradgradcheck(lambda x: x ** 3, x) is True
    with pytest.raises(RuntimeError):
        check(Wrong.apply, (x,), atol=1e-4)


def test_small_differences_between_calls_may_be_allowed():
    calls = iter(range(10**6))
    x = leaf(2)

    def drifting(x):
        return x * 2 + next(calls) * 1e-12

    with pytest.raises(GradcheckError, match="differs between two calls"):
        gradcheck(drifting, x)
    assert gradcheck(drifting, x, nondet_tol=1e-9) is True


def test_a_shape_that_differs_between_calls_is_found():
    sizes = iter([1, 2])
    with pytest.raises(GradcheckError, match="differs between two calls"):
        gradcheck(lambda x: x.expand(next(sizes)), leaf(1))
