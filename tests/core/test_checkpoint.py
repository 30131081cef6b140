"""Checkpoints: the same numbers and gradients as without, computed twice."""

import gc
import weakref

import plugrad as pg
import pytest
import torch
from plugrad.utils.checkpoint import checkpoint, checkpoint_sequential

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def model():
    pg.manual_seed(0)
    return pg.nn.Sequential(pg.nn.Linear(3, 4), pg.nn.Tanh(), pg.nn.Dropout(0.5),
                            pg.nn.Linear(4, 4), pg.nn.Tanh(), pg.nn.Linear(4, 2))


def outcome(call, *inputs):
    """Value and gradients of a random function of call(model, *inputs)."""
    net = model()
    for x in inputs:
        x.grad = None
    pg.manual_seed(1)
    y = call(net, *inputs)
    after = pg.rand(1).item()
    (y * y).sum().backward()
    return [y.tolist(), after, pg.rand(1).item(),
            *([None if x.grad is None else x.grad.tolist() for x in (*inputs, *net.parameters())])]


CALLS = {
    "whole": lambda net, x: checkpoint(net, x, use_reentrant=False),
    "middle": lambda net, x: net[4:](checkpoint(net[1:4], net[:1](x))),
    "by name": lambda net, x: checkpoint(lambda *, x: net(x), x=x),
    "two": lambda net, x: checkpoint(net[2:], checkpoint(net[:2], x)),
    "nested": lambda net, x: checkpoint(lambda x: net[2:](checkpoint(net[:2], x)), x),
}


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("name", ["whole", "middle", "by name", "two", "nested"])
def test_numbers_gradients_and_random_numbers_are_those_without(name, requires_grad):
    x = pg.arange(15.0).reshape(5, 3).div(7).requires_grad_(requires_grad)

    assert outcome(CALLS[name], x) == outcome(lambda net, x: net(x), x)


@pytest.mark.parametrize("segments", [1, 2, 3, 6])
def test_a_sequence_in_segments(segments):
    x = pg.ones(5, 3, requires_grad=True)
    assert outcome(lambda net, x: checkpoint_sequential(net, segments, x), x) == outcome(
        lambda net, x: net(x), x)


@LIBS
def test_the_function_runs_again_in_backward(lib):
    calls = []

    def f(x, power, scale=1.0):
        calls.append(1)
        return scale * x ** power, None, x.detach() > 0

    x = lib.ones(3, requires_grad=True)
    y, nothing, mask = lib.utils.checkpoint.checkpoint(f, x, 3, use_reentrant=False, scale=2.0)
    assert len(calls) == 1 and nothing is None and mask.all() and not mask.requires_grad
    y.sum().backward()
    assert len(calls) == 2 and x.grad.tolist() == [6, 6, 6]


@LIBS
def test_without_recording_it_runs_once(lib):
    calls = []
    with lib.no_grad():
        y = lib.utils.checkpoint.checkpoint(lambda x: calls.append(1) or x * 2, lib.ones(2),
                                            use_reentrant=False)
    assert calls == [1] and y.tolist() == [2, 2] and not y.requires_grad


def test_nothing_inside_is_kept():
    kept = []

    def f(x):
        inner = x.exp()
        kept.append(weakref.ref(inner))
        return inner.exp()

    x = pg.ones(2, requires_grad=True)
    y = checkpoint(f, x)
    gc.collect()
    assert kept[0]() is None and y.requires_grad


def test_gradients_of_single_tensors():
    x, w = pg.ones(2, requires_grad=True), pg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: (x * w).exp(), x)
    gx, gw = pg.autograd.grad(y.sum(), [x, w])
    assert gx.tolist() == gw.tolist() == pytest.approx([2.718281828] * 2) and x.grad is None
    frozen = checkpoint(lambda a, b: a * b, x, pg.ones(2))
    frozen.sum().backward()
    assert x.grad.tolist() == [1, 1] and w.grad is None


def test_a_leaf_that_is_returned_as_it_is():
    w = pg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: w, pg.ones(1))
    (y * 3).sum().backward()
    assert w.grad.tolist() == [3, 3]


def test_what_it_can_not_do_is_refused():
    x = pg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: x * x, x).sum()
    with pytest.raises(RuntimeError, match="no gradients of its gradients"):
        pg.autograd.grad(y, x, create_graph=True)
    with pytest.raises(TypeError, match=r"must return a Tensor or a tuple .*, got float"):
        checkpoint(lambda x: 1.0, x)
    h = x * 1
    y = checkpoint(lambda x: x * x, h).sum()
    with pg.no_grad():
        h.add_(1)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_random_numbers_need_not_be_kept():
    x = pg.ones(100, requires_grad=True)
    y = checkpoint(lambda x: x * pg.rand(100), x, preserve_rng_state=False)
    y.sum().backward()
    assert not pg.equal(y.detach(), x.grad)


def test_what_is_neither_argument_nor_leaf_gives_the_right_gradient_or_an_error():
    """Whatever the order in which backward reaches it, no gradient is lost."""
    def result(use, around):
        w, x = pg.ones(2, requires_grad=True), pg.ones(2, requires_grad=True)
        h = w.exp()
        around(use(lambda x: x * h * h, x).sum(), h, x).backward()
        return w.grad.tolist(), x.grad.tolist()

    def plain(f, x):
        return f(x)

    failed = 0
    for around in (lambda y, h, x: y, lambda y, h, x: y + h.sum(), lambda y, h, x: h.sum() + y,
                   lambda y, h, x: h.sum() + y * h.sin().sum(), lambda y, h, x: y + (y * h).sum(),
                   lambda y, h, x: (h * 2).sum() + y + h.sum() * 3):
        try:
            got = result(checkpoint, around)
        except RuntimeError as error:
            assert "another backward" in str(error) or "second time" in str(error)
            failed += 1
        else:
            assert got == result(plain, around)
    assert failed


def test_an_error_names_the_line_of_the_call():
    x = pg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: x * x, x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"second time through Checkpoint at .*test_checkpoint"):
        y.backward()
