"""Hooks in the backward of modules, in both libraries."""

import copy

import plugrad as pg
import pytest
import torch

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
IGNORE = "ignore:Full backward hook is firing:UserWarning"       # PyTorch's, without inputs


def scale(lib):
    class Scale(lib.nn.Module):
        def forward(self, x, factor=2.0):
            return x * factor

    return Scale()


def numbers(gs):
    return [None if g is None else g.tolist() for g in gs]


@LIBS
def test_hooks_see_the_gradients_in_turn(lib):
    m, seen = scale(lib), []
    m.register_full_backward_pre_hook(lambda mod, go: seen.append(("first", mod, numbers(go))))
    m.register_full_backward_hook(
        lambda mod, gi, go: seen.append(("then", mod, numbers(gi), numbers(go))))
    x = lib.ones(2, requires_grad=True)

    (m(x, 5.0) * 3).sum().backward()

    assert seen == [("first", m, [[3, 3]]), ("then", m, [[15, 15], None], [[3, 3]])]
    assert x.grad.tolist() == [15, 15]


@LIBS
def test_what_they_return_goes_on(lib):
    m, x = scale(lib), lib.ones(1, requires_grad=True)
    m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 10,))
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] + go[0],))
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 100,), prepend=True)

    m(x).backward()

    assert x.grad.item() == 2010                        # 10 * 2 * 100 + 10


@LIBS
def test_a_removed_hook_is_not_called_and_a_copy_keeps_its_own(lib):
    m, x = scale(lib), lib.ones(1, requires_grad=True)
    handle = m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 100,))
    twin = copy.deepcopy(m)
    handle.remove()

    m(x).backward()
    assert x.grad.item() == 2
    twin(x).backward()
    assert x.grad.item() == 202


@LIBS
@pytest.mark.filterwarnings(IGNORE)
def test_no_input_need_ask_for_a_gradient(lib):
    m, seen = lib.nn.Embedding(3, 2), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, numbers(go))))

    m(lib.tensor([1])).sum().backward()
    with lib.no_grad():
        m(lib.tensor([1]))

    assert seen == [((None,), [[[1, 1]]])]
    assert m.weight.grad.tolist() == [[0, 0], [1, 1], [0, 0]]


@LIBS
def test_tensors_of_a_tuple_are_seen(lib):
    m, seen = lib.nn.LSTM(2, 3), []
    m.register_full_backward_hook(
        lambda mod, gi, go: seen.append(([tuple(g.shape) for g in gi], [g is None for g in go])))

    m(lib.ones(4, 1, 2, requires_grad=True))[0].sum().backward()

    assert seen == [([(4, 1, 2)], [False, True])]


@LIBS
def test_gradients_can_be_differentiated_again(lib):
    m, x = lib.nn.Tanh(), lib.tensor(0.5, requires_grad=True)
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 2,))

    g, = lib.autograd.grad(m(x), x, create_graph=True)
    second, = lib.autograd.grad(g, x)

    y = lib.tanh(x.detach())
    assert g.item() == pytest.approx((2 * (1 - y ** 2)).item())
    assert second.item() == pytest.approx((-4 * y * (1 - y ** 2)).item())


@LIBS
def test_a_wrong_number_of_gradients_is_refused(lib):
    m = scale(lib)
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))

    with pytest.raises(RuntimeError, match="grad_input, got 2"):
        m(lib.ones(1, requires_grad=True)).backward()


@LIBS
def test_other_outputs_are_warned_of(lib):
    class Named(lib.nn.Module):
        def forward(self, x):
            return {"y": x}

    m = Named()
    m.register_full_backward_hook(lambda mod, gi, go: None)

    with pytest.warns(UserWarning, match="a Tensor or a tuple of Tensors"):
        m(lib.ones(1))
