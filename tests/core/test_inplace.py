"""Writing in place inside a graph: what is recorded, what views see, what is refused."""

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ..tolerances import GRADIENT, assert_close


def leaf(*values):
    return pg.tensor(values, dtype=pg.float64, requires_grad=True)


def grad(y, x):
    return pg.autograd.grad(y.sum(), x, retain_graph=True)[0].tolist()


# What is recorded -------------------------------------------------------------------------------

def test_a_write_joins_the_graph():
    x = leaf(1, 2)
    y = x * 2
    before = y.grad_fn
    assert y.mul_(3) is y and y.grad_fn is not before
    y += x
    assert y.tolist() == [7, 14] and grad(y, x) == [7, 7]


def test_a_tensor_without_history_gets_one_from_what_is_written():
    x = leaf(1, 2)
    y = pg.zeros(3, dtype=pg.float64)
    y[1:] = x * x
    y[0].add_(x[1])
    assert y.requires_grad and not y.is_leaf
    assert grad(y, x) == [2, 5]
    z = pg.ones(2, dtype=pg.float64)
    z *= x
    assert grad(z, x) == [1, 1]


def test_zero_fill_and_copy_cut_the_history_of_what_they_write():
    x = leaf(1, 2, 3)
    y = x * 2
    y[0].zero_()
    y[1:2].fill_(5)
    assert grad(y, x) == [0, 0, 2]
    y = x * 2
    y.copy_(pg.ones(3))
    g, = pg.autograd.grad((y * 1).sum(), x, allow_unused=True) if y.requires_grad else (None,)
    assert g is None or g.tolist() == [0, 0, 0]


def test_a_comparison_cuts_the_history_of_what_it_writes_to():
    x = leaf(1, 2, 3)
    y = x * 2
    z = y * y
    assert y.lt_(5) is y and y.tolist() == [1, 1, 0]
    assert y.dtype is pg.float64 and grad(y, x) == [0, 0, 0]
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        z.sum().backward()
    part = x * 2
    part[:2].logical_not_()
    assert part.tolist() == [0, 0, 6] and grad(part, x) == [0, 0, 2]


def test_functions_that_write_in_place():
    """As functions, too, where PyTorch has them."""
    both = [name for name in dir(torch) if name.endswith("_") and not name.startswith("_")
            and hasattr(pg.Tensor, name) and hasattr(torch.Tensor, name)]
    assert len(both) > 50
    assert [name for name in both if not hasattr(pg, name)] == []
    x = pg.tensor([-1.0, 4.0])
    assert pg.relu_(x) is x and x.tolist() == [0, 4]
    assert pg.zero_(x) is x and x.tolist() == [0, 0]
    y = leaf(1, 2) * 2
    assert not pg.detach(y).requires_grad and y.requires_grad
    assert pg.detach_(y) is y and not y.requires_grad


def test_other_names_are_the_same_methods():
    for pair in ("arcsin asin", "arctan2 atan2", "absolute abs", "negative neg", "clip clamp",
                 "greater_equal ge", "not_equal ne", "fix trunc", "sgn sign", "multiply mul"):
        name, other = pair.split()
        assert getattr(pg, name) is getattr(pg, other)
        for end in ("", "_"):
            assert getattr(pg.Tensor, name + end) is getattr(pg.Tensor, other + end)


def test_a_constant_written_into_a_part():
    x = leaf(1, 2, 3)
    y = x * x
    y[1] = 7
    assert y.tolist() == [1, 7, 9] and grad(y, x) == [2, 0, 6]


def test_augmented_operators_keep_the_object():
    x = leaf(2.0, 3.0)
    y = x.clone()
    same = y
    y += 1
    y -= 3
    y *= 2
    y /= 4
    y **= 2
    assert y is same and y.tolist() == [0, 0.25] and grad(y, x) == [0, 0.5]


def test_second_derivatives_through_writes():
    x = leaf(2.0, 3.0)
    y = x.clone()
    y.pow_(3)
    y[0] *= x[1]
    g, = pg.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [3 * 4 * 3, 8 + 27]
    assert grad(g, x) == [2 * 18 + 12, 12 + 18]


# Views ------------------------------------------------------------------------------------------

def test_writing_to_a_view_changes_the_gradient_of_its_base():
    x = leaf(1, 2, 3, 4)
    y = x * 2
    v = y[1:3]
    v.mul_(10)
    assert y.tolist() == [2, 40, 60, 8]
    assert grad(y, x) == [2, 20, 20, 2]


def test_writing_to_the_base_changes_the_gradient_of_a_view():
    x = leaf(1, 2, 3, 4)
    y = x * 2
    v = y[1:3]
    y.mul_(10)
    assert v.tolist() == [40, 60]
    assert grad(v, x) == [0, 20, 20, 0]


def test_views_of_one_base_see_each_other():
    x = leaf(1, 2, 3, 4)
    y = (x * 1).reshape(2, 2)
    row, column = y[0], y[:, 0]
    row.mul_(10)
    column.mul_(3)
    assert row.tolist() == [30, 20] and column.tolist() == [30, 9]
    assert grad(row, x) == [30, 10, 0, 0]
    assert grad(column, x) == [30, 0, 3, 0]
    assert grad(y, x) == [30, 10, 3, 1]


def test_views_of_views():
    x = leaf(1, 2, 3, 4, 5, 6)
    y = x * 1
    v = y.view(2, 3).T[1:].unsqueeze(0)[..., 1].squeeze()
    v += x[:2]
    v *= 2
    assert v.tolist() == [12, 16] and y.tolist() == [1, 2, 3, 4, 12, 16]
    assert grad(y, x) == [3, 3, 1, 1, 2, 2]
    assert grad(v, x) == [2, 2, 0, 0, 2, 2]


def test_what_was_read_before_a_write_keeps_its_gradient():
    x = leaf(1, 2)
    y = x * 1
    before = y + 0
    y[0] *= 5
    assert grad(before, x) == [1, 1] and grad(y, x) == [5, 1]


@pytest.mark.parametrize("view", [
    lambda y: y.T, lambda y: y.reshape(-1), lambda y: y.view(3, 2), lambda y: y[1],
    lambda y: y[:, ::2],
    lambda y: y.transpose(0, 1), lambda y: y.permute(1, 0), lambda y: y.unsqueeze(0),
    lambda y: y.flatten(), lambda y: y.mT, lambda y: y[None], lambda y: y.squeeze(),
    lambda y: y.detach(), lambda y: y.unflatten(1, (3, 1)), lambda y: y[...]])
def test_views_share_memory(view):
    x = pg.zeros(2, 3)
    v = view(x)
    assert np.shares_memory(v.numpy(), x.numpy())
    v.add_(1)
    assert x.sum().item() == v.numel()
    if view(pg.zeros(2, 3, requires_grad=True)).requires_grad:
        z = leaf(1, 2, 3, 4, 5, 6).reshape(2, 3)
        y = z * 1
        view(y).mul_(3)
        assert pg.autograd.grad(y.sum(), z)[0].sum().item() == 6 + 2 * v.numel()


def test_clones_and_copies_do_not_share():
    x = pg.zeros(2, 3)
    for copy in (x.clone(), x[[0]], x + 0, x.repeat(1, 1), x.T.contiguous(), x.T.reshape(-1),
                 x.flip(0), x.roll(0), pg.cat([x]), x.double()):
        copy.add_(1)
    assert not x.any()
    assert x.contiguous() is x or x.contiguous().numpy().ctypes.data == x.numpy().ctypes.data


# What is refused --------------------------------------------------------------------------------

def test_a_leaf_that_requires_grad_is_not_written_to():
    x = leaf(1, 2)
    for write in (lambda: x.add_(1), lambda: x.__setitem__(0, 1), lambda: x[0].mul_(2),
                  lambda: x.view(-1).zero_(), lambda: x.fill_(1)):
        with pytest.raises(RuntimeError, match="leaf"):
            write()
    assert x.tolist() == [1, 2]


def test_without_grad_a_leaf_may_be_written_to():
    x = leaf(1, 2)
    with pg.no_grad():
        x -= 0.5
        x[0].mul_(4)
        x.clamp_(max=1.75)
    assert x.tolist() == [1.75, 1.5] and x.is_leaf and x.requires_grad
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2]


SAVERS = {
    "mul": lambda y: y * y, "div": lambda y: pg.ones(2) / y, "pow": lambda y: y ** 3,
    "sin": lambda y: y.sin(),
    "log": lambda y: y.log(), "matmul": lambda y: y @ y, "square": lambda y: y ** 2,
    "norm": lambda y: y.norm(p=3),
}
OUTPUT_SAVERS = {
    "exp": lambda y: y.exp(), "sqrt": lambda y: y.sqrt(), "tanh": lambda y: y.tanh(),
    "sigmoid": lambda y: y.sigmoid(), "softmax": lambda y: y.softmax(0),
}
WRITES = {
    "itself": lambda y: y.add_(1),
    "a view": lambda y: y[0].zero_(),
    "a key": lambda y: y.__setitem__(0, 9),
    "a detached twin": lambda y: y.detach().add_(1),
    "without grad": pg.no_grad()(lambda y: y.add_(1)),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("op", SAVERS)
def test_a_saved_input_that_was_changed_is_an_error(op, write):
    y = leaf(1, 2) * 1
    z = SAVERS[op](y)
    WRITES[write](y)
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        z.sum().backward()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("op", OUTPUT_SAVERS)
def test_a_saved_output_that_was_changed_is_an_error(op, write):
    z = OUTPUT_SAVERS[op](leaf(1, 2) * 1)
    WRITES[write](z)
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        (z * 1).sum().backward()


def test_a_base_changed_after_a_view_of_it_was_saved():
    y = leaf(1, 2, 3) * 1
    v = y[:2]
    z = v * v
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        z.sum().backward()


def test_what_the_derivative_does_not_need_may_change():
    x = leaf(1, 2)
    for op, expected in [(lambda y: y + 1, 1), (lambda y: y * 3, 3), (lambda y: -y, -1),
                         (lambda y: y / 2, 0.5), (lambda y: y.sum() * pg.ones(2), 2),
                         (lambda y: y.reshape(2, 1) + 0, 1), (lambda y: pg.cat([y]), 1),
                         (lambda y: y * pg.tensor([3.0, 3.0], dtype=pg.float64), 3),
                         (lambda y: y[[0, 1]], 1), (lambda y: y.clone(), 1)]:
        y = x * 1
        z = op(y)
        y.add_(1)
        assert grad(z, x) == [expected, expected]


def test_a_changed_constant_is_an_error_too():
    x, c = leaf(1, 2), pg.ones(2, dtype=pg.float64)
    z = x * c
    c.add_(1)
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        z.sum().backward()


def test_stretched_memory_is_not_written_to():
    x = pg.zeros(1, 3).expand(4, 3)
    for write in (lambda: x.add_(1), lambda: x.mul_(2), lambda: x.copy_(pg.ones(4, 3))):
        with pytest.raises(RuntimeError, match="clone"):
            write()


def test_results_that_do_not_fit_are_refused():
    x = pg.zeros(3)
    for write in (lambda: x.add_(pg.ones(2, 3)), lambda: x.mul_(pg.ones(4)),
                  lambda: x.copy_(pg.ones(2, 3)), lambda: x.add_(pg.ones(2))):
        with pytest.raises(RuntimeError, match=r"(?s)3"):
            write()
    with pytest.raises(RuntimeError, match=r"int64|Long|cast|hold"):
        pg.zeros(3, dtype=pg.int64).add_(0.5)
    assert x.tolist() == [0, 0, 0]


# Optimizers write to leaves ---------------------------------------------------------------------

def test_a_loop_that_learns():
    w = leaf(0.0)
    for _ in range(100):
        loss = ((w - 3) ** 2).sum()
        loss.backward()
        with pg.no_grad():
            w -= 0.1 * w.grad
        w.grad.zero_()
    assert w.is_leaf and abs(w.item() - 3) < 1e-6


def test_a_graph_recorded_before_the_step_is_stale_after_it():
    w = leaf(2.0)
    loss = (w * w).sum()
    with pg.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        loss.backward()


# Any program ------------------------------------------------------------------------------------

STEPS = [
    lambda lib, a, b: a + b, lambda lib, a, b: a * b, lambda lib, a, b: a - 2 * b,
    lambda lib, a, b: a.sin(), lambda lib, a, b: a.T, lambda lib, a, b: a.mT + b,
    lambda lib, a, b: a @ b, lambda lib, a, b: lib.stack([a[0], b[1]]),
    lambda lib, a, b: a[[1, 0]], lambda lib, a, b: a.flip(1), lambda lib, a, b: a.detach() + b,
    lambda lib, a, b: a.expand(2, 2), lambda lib, a, b: lib.where(a > b, a, b),
    lambda lib, a, b: a.view(2, 2) if a.is_contiguous() else a.reshape(2, 2),
    lambda lib, a, b: a.sum(0) + b, lambda lib, a, b: a.clone(),
]
IN_PLACE = [
    lambda lib, a, b: a.add_(b), lambda lib, a, b: a.mul_(2), lambda lib, a, b: a[0].add_(b[1]),
    lambda lib, a, b: a.T[1].mul_(3), lambda lib, a, b: a.__setitem__(0, b[0].clone()),
    lambda lib, a, b: a.__setitem__((slice(None), 1), 0.5), lambda lib, a, b: a.sub_(b.clone()),
    lambda lib, a, b: a[:, :1].copy_(b[:, 1:].clone()), lambda lib, a, b: a.cos_(),
]
programs = st.lists(st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 9),
                              st.integers(0, 9)), min_size=1, max_size=10)


def play(lib, program, seed):
    """Values, gradients and gradients of gradients of a straight-line program, or why not."""
    rng = np.random.default_rng(seed)
    leaves = [lib.from_numpy(rng.standard_normal((2, 2))).requires_grad_() for _ in range(2)]
    known = [x * 1 for x in leaves]
    try:
        for in_place, which, i, j in program:
            a, b = known[i % len(known)], known[j % len(known)]
            if in_place:
                IN_PLACE[which % len(IN_PLACE)](lib, a, b)
            else:
                known.append(STEPS[which % len(STEPS)](lib, a, b))
        loss = sum((k * (n + 1)).sum() for n, k in enumerate(known))
        first = lib.autograd.grad(loss, leaves, create_graph=True)
        second = lib.autograd.grad(sum((g * g).sum() for g in first), leaves, allow_unused=True)
    except RuntimeError as error:
        return str(error)
    return [t.detach().numpy().copy() for t in (*known, *first)] + [
        np.zeros((2, 2)) if g is None else g.detach().numpy() for g in second]


@given(programs, st.integers(0, 100))
@settings(deadline=None, max_examples=300)
def test_any_program_computes_what_pytorch_computes(program, seed):
    """Right or refused, never wrong.  (Refused, where a saved array was changed in place: which
    arrays an op saves is its own affair, so one library may refuse what the other can do.)"""
    expected, got = play(torch, program, seed), play(pg, program, seed)
    if isinstance(got, str):
        assert isinstance(expected, str) or "changed in place" in got, got
    elif not isinstance(expected, str):
        for mine, theirs in zip(got, expected, strict=True):
            assert_close(mine, theirs, GRADIENT)
