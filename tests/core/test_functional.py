"""autograd.functional: Jacobians, Hessians and products, beside PyTorch's."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.nn import functional as F

from ..tolerances import SECOND_GRADIENT, assert_close

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def arrays(*shapes):
    return [np.random.default_rng(i).uniform(0.5, 1.5, shape) for i, shape in enumerate(shapes)]


# name -> (function of the library and tensors, shapes of the inputs)
ANY = {
    "vector": (lambda lib, x: x * x.sum(), [(3,)]),
    "matrix": (lambda lib, x: x @ x.mT, [(2, 3)]),
    "number": (lambda lib, x: x.prod(), [(3,)]),
    "two inputs": (lambda lib, x, y: x.exp() * y.sum(), [(2,), (3,)]),
    "two outputs": (lambda lib, x: (x.exp(), x.sum()), [(2, 2)]),
    "two and two": (lambda lib, x, y: (x * y, x.sum() + y), [(2,), (2,)]),
    "an output that is constant": (lambda lib, x: (x * 2, lib.ones(2).double()), [(2,)]),
    "an input without effect": (lambda lib, x, y: x ** 3, [(2,), (3,)]),
    "a 0-d input": (lambda lib, x: x ** 2 * lib.ones(2).double(), [()]),
}
SCALAR = {
    "cube": (lambda lib, x: (x ** 3).sum(), [(3,)]),
    "matrix": (lambda lib, x: (x @ x.mT).sin().sum(), [(2, 3)]),
    "two": (lambda lib, x, y: (x.exp() * y).sum() * y.sum(), [(2,), (2,)]),
    "shape (1,)": (lambda lib, x: x.prod().reshape(1), [(3,)]),
    "linear": (lambda lib, x: x.sum(), [(3,)]),
    "without effect": (lambda lib, x, y: (x ** 3).sum(), [(2,), (3,)]),
}


def of(lib, case):
    """(function, inputs) of the case in that library; one input is no tuple."""
    f, shapes = case
    xs = tuple(lib.from_numpy(a.copy()) for a in arrays(*shapes))
    return (lambda *xs: f(lib, *xs)), xs[0] if len(xs) == 1 else xs


def same(ours, theirs):
    if isinstance(theirs, tuple):
        assert isinstance(ours, tuple) and len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
        return
    assert ours.requires_grad == theirs.requires_grad
    assert_close(ours.detach().numpy(), theirs.detach().numpy(), SECOND_GRADIENT)


def vectors(lib, like):
    rng = np.random.default_rng(7)
    if isinstance(like, tuple):
        return tuple(vectors(lib, x) for x in like)
    return lib.from_numpy(np.asarray(rng.standard_normal(tuple(like.shape))))


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", ANY)
def test_jacobian(name, create_graph):
    same(*(lib.autograd.functional.jacobian(*of(lib, ANY[name]), create_graph=create_graph)
           for lib in (pg, torch)))


def test_the_jacobian_of_nothing():
    found = pg.autograd.functional.jacobian(lambda x: (x * 2, x.sum()), pg.ones(0))
    assert [tuple(j.shape) for j in found] == [(0, 0), (0,)]


@pytest.mark.parametrize("name", SCALAR)
def test_hessian(name):
    same(*(lib.autograd.functional.hessian(*of(lib, SCALAR[name])) for lib in (pg, torch)))


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("which", ["vjp", "jvp"])
def test_products_with_the_jacobian(which, name):
    found = []
    for lib in (pg, torch):
        f, xs = of(lib, ANY[name])
        ys = f(*xs) if isinstance(xs, tuple) else f(xs)
        v = vectors(lib, ys if which == "vjp" else xs)
        found.append(getattr(lib.autograd.functional, which)(f, xs, v))
    same(*found)


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("which", ["vhp", "hvp"])
def test_products_with_the_hessian(which, name):
    found = []
    for lib in (pg, torch):
        f, xs = of(lib, SCALAR[name])
        found.append(getattr(lib.autograd.functional, which)(f, xs, vectors(lib, xs)))
    same(*found)


@LIBS
def test_the_graph_is_kept_where_it_is_asked_for(lib):
    x = lib.ones(3, dtype=lib.float64, requires_grad=True)
    f = lib.autograd.functional
    f.jacobian(lambda x: x ** 3, x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6, 6, 6]
    x.grad = None
    f.hessian(lambda x: (x ** 3).sum(), x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6, 6, 6]
    assert f.vjp(lambda x: x.sum(), x)[1].requires_grad is False
    assert f.jvp(lambda x: x * x, x, x, create_graph=True)[1].requires_grad is True


@LIBS
def test_inside_no_grad(lib):
    with lib.no_grad():
        x = lib.ones(2)
        assert lib.autograd.functional.jacobian(lambda x: x * x, x).tolist() == [[2, 0], [0, 2]]
        assert lib.autograd.functional.hessian(lambda x: (x * x).sum(), x).tolist() == [
            [2, 0], [0, 2]]


@LIBS
@pytest.mark.parametrize("call, error", [
    (lambda f, x: f.jacobian(lambda x: x * 2, [x]), TypeError),
    (lambda f, x: f.jacobian(lambda x: 3.0, x), TypeError),
    (lambda f, x: f.hessian(lambda x: x * 2, x), RuntimeError),
    (lambda f, x: f.vjp(lambda x: x * 2, x), RuntimeError),
    (lambda f, x: f.jvp(lambda x: x * 2, x), RuntimeError),
    (lambda f, x: f.vjp(lambda x: x * 2, x, x[:1]), RuntimeError),
    (lambda f, x: f.hvp(lambda x: x.sum(), x, 3), TypeError),
    (lambda f, x: f.jacobian(lambda x: x.detach(), x, strict=True), RuntimeError),
    (lambda f, x: f.vhp(lambda x: x.sum(), x, x, strict=True), RuntimeError)])
def test_what_has_no_derivative_is_refused(lib, call, error):
    with pytest.raises(error, match=None if lib is torch else r"\w+: .*(expected|func|got|left)"):
        call(lib.autograd.functional, lib.ones(2))


@pytest.mark.parametrize("name", sorted(pg._OF_FUNCTIONAL))
def test_functional_forms_that_pytorch_has_at_the_top_are_there(name):
    assert getattr(pg, name) is getattr(F, name) and name in dir(pg)
    assert callable(getattr(torch, name))


def test_spmm_of_dense_matrices_is_their_product():
    a = torch.arange(6.0).view(2, 3)
    assert pg.spmm(pg.tensor(a.numpy()), pg.tensor(a.T.numpy())).tolist() == torch.spmm(
        a, a.T).tolist()
