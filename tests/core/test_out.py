"""out=: results in a tensor of the caller's, as in PyTorch."""

import copy
import pickle

import numpy as np
import plugrad as pg
import pytest
import torch

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])

CALLS = {
    "add": lambda lib, a, b: (a, b),
    "exp": lambda lib, a, b: (a,),
    "tanh": lambda lib, a, b: (a,),
    "clamp": lambda lib, a, b: (a, 0.0),
    "atan2": lambda lib, a, b: (a, b),
    "lt": lambda lib, a, b: (a, b),
    "matmul": lambda lib, a, b: (a, b.T),
    "addmm": lambda lib, a, b: (a @ b.T, a, b.T),
    "sum": lambda lib, a, b: (a, 1),
    "cumsum": lambda lib, a, b: (a, 0),
    "softmax": lambda lib, a, b: (a, 1),
    "cat": lambda lib, a, b: ([a, b], 1),
    "stack": lambda lib, a, b: ([a, b],),
    "index_select": lambda lib, a, b: (a, 0, lib.tensor([2, 0])),
    "gather": lambda lib, a, b: (a, 1, lib.tensor([[0], [3], [1]])),
    "max": lambda lib, a, b: (a, 1),
    "sort": lambda lib, a, b: (a,),
    "topk": lambda lib, a, b: (a, 2),
    "zeros": lambda lib, a, b: (2, 3),
    "arange": lambda lib, a, b: (5,),
    "randn": lambda lib, a, b: (2, 3),
}


def called(lib, name, empty):
    """(result, what out holds) of the function on the same numbers in either library."""
    a, b = (lib.tensor(np.random.default_rng(i).standard_normal((3, 4))) for i in (0, 1))
    function, arguments = getattr(lib, name), CALLS[name](lib, a, b)
    made = function(*arguments)
    is_tuple = isinstance(made, tuple)
    outs = [lib.empty(0 if empty else tuple(one.shape), dtype=one.dtype)
            for one in (made if is_tuple else [made])]
    lib.manual_seed(0)
    result = function(*arguments, out=tuple(outs) if is_tuple else outs[0])
    assert all(x is y for x, y in zip(result if is_tuple else [result], outs))
    return [one.numpy() for one in outs]


@pytest.mark.parametrize("empty", [False, True], ids=["of its shape", "empty"])
@pytest.mark.parametrize("name", CALLS)
def test_out_holds_what_pytorch_puts_there(name, empty):
    for ours, theirs in zip(called(pg, name, empty), called(torch, name, empty), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@LIBS
def test_out_may_be_an_operand_or_of_a_wider_dtype(lib):
    a = lib.tensor([1, 2, 3])
    assert lib.add(a, a, out=a).tolist() == a.tolist() == [2, 4, 6]
    out = lib.zeros(3, dtype=lib.float64)
    assert lib.mul(a, a, out=out) is out and out.tolist() == [4.0, 16.0, 36.0]
    lib.manual_seed(0)
    numbers = lib.rand(3, dtype=lib.float64)
    lib.manual_seed(0)
    assert lib.rand(3, out=out).tolist() == numbers.tolist()


@LIBS
@pytest.mark.parametrize("call, text", [
    (lambda lib: lib.exp(lib.ones(2), out=lib.zeros(2, dtype=lib.int64)), "can't be cast"),
    (lambda lib: lib.exp(lib.ones(2, requires_grad=True), out=lib.zeros(2)), "automatic diff"),
    (lambda lib: lib.exp(lib.ones(2), out=lib.zeros(2, requires_grad=True)), "automatic diff"),
])
def test_what_out_cannot_hold_is_refused(lib, call, text):
    with pytest.raises(RuntimeError, match=text):
        call(lib)


def test_another_shape_or_no_tensor_is_refused():
    with pytest.raises(RuntimeError, match=r"add: expected out of shape \(2,\), or without"):
        pg.add(pg.ones(2), 1, out=pg.zeros(3))
    with pytest.raises(TypeError, match="exp: expected out to be a Tensor, got ndarray"):
        pg.exp(pg.ones(2), out=np.zeros(2))
    with pytest.raises(TypeError, match="max: expected out to be a tuple of 2 Tensors, got Tensor"):
        pg.max(pg.ones(2, 2), 1, out=pg.zeros(2))


@LIBS
def test_under_no_grad_out_is_written_as_any_tensor(lib):
    w = lib.ones(2, requires_grad=True)
    with lib.no_grad():
        lib.mul(w, 3, out=w)
    assert w.tolist() == [3.0, 3.0] and w.requires_grad


def test_a_function_that_takes_out_is_pickled_and_copied_by_its_name():
    assert pickle.loads(pickle.dumps(pg.tanh)) is copy.deepcopy(pg.tanh) is pg.tanh
    assert pg.tanh.__name__ == "tanh" and "hyperbolic" in pg.tanh.__doc__.lower()
