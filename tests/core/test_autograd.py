"""Backward and grad: what is computed, where it arrives, what stays and what is freed."""

import threading
import weakref

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import GRADIENT, assert_close


def leaf(*values, dtype="float64"):
    return pg.tensor(values, dtype=getattr(pg, dtype), requires_grad=True)


# backward ---------------------------------------------------------------------------------------

def test_backward_fills_the_leaves():
    x, y = leaf(1, 2), leaf(3, 4)
    (x * y).sum().backward()
    assert x.grad.tolist() == [3, 4] and y.grad.tolist() == [1, 2]
    assert x.grad.dtype is x.dtype and x.grad.shape == x.shape
    assert x.grad.requires_grad is False and x.grad.is_leaf


def test_gradients_accumulate_in_place():
    x = leaf(1, 2)
    (x * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    assert x.grad is first and x.grad.tolist() == [5, 7]
    x.grad = None
    (3 * x).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_backward_of_more_than_one_element_wants_a_gradient():
    x = leaf(1, 2)
    (x * x).backward(pg.tensor([1.0, 10.0], dtype=pg.float64))
    assert x.grad.tolist() == [2, 40]
    y = x * 3
    y.backward(gradient=pg.ones(2, dtype=pg.float64))
    assert x.grad.tolist() == [5, 43]


def test_backward_of_one_element_of_any_shape():
    x = leaf(2)
    (x * x).reshape(1, 1).backward()
    assert x.grad.tolist() == [4]


def test_backward_of_a_leaf():
    x = pg.tensor(2.0, requires_grad=True)
    x.backward()
    assert x.grad.item() == 1


@pytest.mark.parametrize("gradient", [pg.ones(3), pg.ones(2, 1)], ids=["longer", "broadcast"])
def test_a_gradient_of_another_shape_is_refused(gradient):
    x = leaf(1, 2, dtype="float32")
    with pytest.raises(RuntimeError, match=r"(?s)shape.*2"):
        (x * 2).backward(gradient)


def test_backward_of_several_results():
    x = leaf(1, 2)
    a, b = x * x, x.sum()
    pg.autograd.backward([a, b], [pg.ones(2, dtype=pg.float64), None])
    assert x.grad.tolist() == [3, 5]


def test_backward_into_chosen_inputs_only():
    x, y = leaf(1, 2), leaf(3, 4)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [3, 4] and y.grad is None


def test_a_tensor_used_many_ways_gets_the_sum():
    x = leaf(2)
    a = x * x
    b = a + x
    c = a * b          # x⁴ + x³
    (c + a).sum().backward()
    assert x.grad.item() == 4 * 8 + 3 * 4 + 2 * 2


def test_the_same_tensor_twice_in_one_operation():
    x = leaf(3, 4)
    (x * x + x - x / x).sum().backward()
    assert x.grad.tolist() == [7, 9]


def test_a_ladder_of_diamonds_takes_linear_time():
    """2⁶⁰ paths: a walk that follows each of them would not come back."""
    x = leaf(1)
    y = x
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    y.sum().backward()
    assert x.grad.item() == 1


def test_an_input_that_is_not_needed_gets_none():
    x, y = leaf(1), leaf(2)
    constant = pg.tensor([3.0])
    (x * constant).sum().backward()
    assert y.grad is None and constant.grad is None


@pytest.mark.parametrize("order", [1, -1])
def test_leaves_never_share_the_memory_of_a_gradient(order):
    a, b, given = leaf(1, 2), leaf(3, 4), pg.ones(2, dtype=pg.float64)
    total = a + b if order == 1 else b + a
    total.backward(given)
    a.grad.add_(5)
    assert b.grad.tolist() == [1, 1] and given.tolist() == [1, 1]
    (a + b).sum().backward()
    assert a.grad.tolist() == [7, 7] and b.grad.tolist() == [2, 2] and given.tolist() == [1, 1]


@pytest.mark.parametrize("make", [
    lambda x: x.sum(), lambda x: x.T.sum(), lambda x: x.expand(5, 2, 3).sum(),
    lambda x: x.mean(0).sum(), lambda x: x.reshape(-1).sum(), lambda x: x[:, 1:].sum(),
    lambda x: x.flip(0).sum()])
def test_a_gradient_may_be_written_to(make):
    """Gradients of sums and views come as stretched or strided arrays: not so in .grad."""
    x = pg.ones(2, 3, requires_grad=True)
    make(x).backward()
    before = x.grad.clone()
    x.grad[0, 0] = 99
    x.grad.add_(1)
    before[0, 0] = 99
    np.testing.assert_array_equal(x.grad.numpy(), before.numpy() + 1)


def test_gradients_keep_their_memory_when_the_graph_is_used_again():
    x = leaf(1, 2)
    y = x.exp()
    y.sum().backward(retain_graph=True)
    kept = x.grad
    values = kept.clone()
    x.grad = None
    (y * 2).sum().backward()
    assert kept.tolist() == values.tolist()
    assert x.grad.tolist() == (2 * values).tolist()


def test_backward_is_deterministic():
    def gradients():
        rng = np.random.default_rng(0)
        xs = [pg.from_numpy(rng.standard_normal((7, 7)).astype("float32")).requires_grad_()
              for _ in range(4)]
        h = list(xs)
        for _ in range(60):
            i, j = rng.integers(0, len(h), 2)
            h.append((h[i] @ h[j]).tanh() + h[i] * 0.1)
        sum(t.sum() for t in h).backward()
        return [x.grad.numpy().tobytes() for x in xs]
    assert gradients() == gradients()


# The life of the graph --------------------------------------------------------------------------

def test_a_graph_serves_once_unless_retained():
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4, 8]
    with pytest.raises(RuntimeError, match="retain_graph"):
        y.backward()
    assert x.grad.tolist() == [4, 8]


def test_half_of_a_graph_may_be_walked_alone():
    x = leaf(2)
    h = x * x
    a, b = h * 2, h * h
    a.sum().backward(retain_graph=True)
    b.sum().backward()
    assert x.grad.item() == 2 * 4 + 4 * 8


def test_saved_arrays_go_with_the_walk():
    """After backward the result may live on without the arrays that led to it."""
    x = leaf(1, 2)
    h = x * 2
    gone = weakref.ref(h)
    y = (h * h).sum()
    del h
    assert gone() is not None
    y.backward()
    assert gone() is None


def test_a_result_nobody_keeps_frees_its_graph():
    x = leaf(1, 2)
    h = x * 2
    gone = weakref.ref(h)
    y = h.exp().sum()
    del h, y
    assert gone() is None


# grad -------------------------------------------------------------------------------------------

def test_grad_gives_gradients_and_leaves_dot_grad_alone():
    x, y = leaf(1, 2), leaf(3, 4)
    gx, gy = pg.autograd.grad((x * y).sum(), [x, y])
    assert gx.tolist() == [3, 4] and gy.tolist() == [1, 2]
    assert x.grad is None and y.grad is None
    g, = pg.autograd.grad((x * x).sum(), x)
    assert g.tolist() == [2, 4]


def test_grad_takes_what_scripts_give_it():
    x, y = (pg.tensor(v, requires_grad=True) for v in (2.0, 3.0))
    inputs = {"x": x, "y": y}
    given = pg.autograd.grad(outputs=x * y, inputs=inputs.values(), only_inputs=True)
    assert [g.item() for g in given] == [3.0, 2.0]
    given = pg.autograd.grad(x * y, (t for t in (y, x)))
    assert [g.item() for g in given] == [2.0, 3.0]
    with pytest.raises(TypeError, match="expected input 0 to be a Tensor, got int"):
        pg.autograd.grad(x * y, 3)


def test_grad_of_several_outputs_with_weights():
    x = leaf(1, 2)
    g, = pg.autograd.grad([x * x, x.sum()], [x], [pg.tensor([1.0, 10.0], dtype=pg.float64), None])
    assert g.tolist() == [3, 41]
    g, = pg.autograd.grad(x * 2, x, grad_outputs=pg.ones(2, dtype=pg.float64))
    assert g.tolist() == [2, 2]


def test_grad_of_something_in_the_middle():
    x = leaf(1, 2)
    h = x * 3
    g, = pg.autograd.grad((h * h).sum(), h)
    assert g.tolist() == [6, 12]
    gx, gh = pg.autograd.grad((h * h).sum() + x.sum(), [x, h])
    assert gx.tolist() == [19, 37] and gh.tolist() == [6, 12]


def test_grad_of_itself():
    x = leaf(1, 2)
    y = x.sum()
    g, = pg.autograd.grad(y, y)
    assert g.item() == 1


def test_unused_inputs():
    x, y = leaf(1), leaf(2)
    z = (x * x).sum()
    gx, gy = pg.autograd.grad(z, [x, y], allow_unused=True, retain_graph=True)
    assert gx.item() == 2 and gy is None
    with pytest.raises(RuntimeError, match="allow_unused"):
        pg.autograd.grad(z, [x, y])


def test_grad_walks_only_where_it_must():
    """A branch that does not lead to the inputs is not run: its hook stays silent."""
    x, y = leaf(1), leaf(2)
    called = []
    h = y * 3
    h.register_hook(lambda g: called.append("h"))
    y2 = h * 2
    z = (x * x + y2).sum()
    pg.autograd.grad(z, x)
    assert "h" not in called


def test_hooks_run_in_grad_too():
    x = leaf(1, 2)
    x.register_hook(lambda g: g * 10)
    h = x * 2
    h.register_hook(lambda g: g + 1)
    g, = pg.autograd.grad(h.sum(), x)
    assert g.tolist() == [40, 40]


# Gradients of gradients -------------------------------------------------------------------------

def test_derivatives_of_every_order():
    x = leaf(2)
    g = x ** 5
    for expected in (80, 160, 240, 240, 120):
        g, = pg.autograd.grad(g, x, create_graph=True)
        assert g.item() == expected


def test_sin_five_times():
    x = leaf(0.3)
    y = x.sin()
    for expected in (np.cos, lambda v: -np.sin(v), lambda v: -np.cos(v), np.sin, np.cos):
        y, = pg.autograd.grad(y, x, create_graph=True)
        assert_close(y.detach().numpy(), expected(np.array([0.3])), GRADIENT)


def test_without_create_graph_gradients_have_no_history():
    x = leaf(2)
    g, = pg.autograd.grad(x ** 3, x)
    assert g.requires_grad is False and g.grad_fn is None
    g, = pg.autograd.grad(x ** 3, x, create_graph=True)
    assert g.requires_grad and g.grad_fn is not None


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_backward_with_create_graph_leaves_gradients_with_history():
    x = leaf(2)
    (x ** 3).sum().backward(create_graph=True)
    g = x.grad
    assert g.requires_grad and g.item() == 12
    x.grad = None
    g.sum().backward()
    assert x.grad.item() == 12


def test_create_graph_retains_the_graph_itself():
    x = leaf(2)
    y = (x ** 3).sum()
    pg.autograd.grad(y, x, create_graph=True)
    g, = pg.autograd.grad(y, x)
    assert g.item() == 12


def test_gradient_penalty():
    """(|∇f|² - 1)² differentiated w.r.t. the weights of f, by hand and by machine."""
    w, x = leaf(1, 2), leaf(3, 4)
    g, = pg.autograd.grad((w * w * x).sum(), x, create_graph=True)
    penalty = ((g * g).sum() - 1) ** 2
    penalty.backward()
    norm = 1 + 16
    assert w.grad.tolist() == [2 * (norm - 1) * 4 * v ** 3 for v in (1, 2)]
    assert x.grad is None or x.grad.tolist() == [0, 0]


def test_hessian_vector_products_match_the_hessian():
    x, v = leaf(1, 2, 3), pg.tensor([1.0, -1.0, 0.5], dtype=pg.float64)
    def f():
        return (x[0] * x[1] * x[2] + x[0] ** 2 * x[2]).sum()
    g, = pg.autograd.grad(f(), x, create_graph=True)
    product, = pg.autograd.grad((g * v).sum(), x, retain_graph=True)
    rows = [pg.autograd.grad(g[i], x, retain_graph=True)[0].tolist() for i in range(3)]
    assert product.tolist() == (np.array(rows) @ v.numpy()).tolist()
    assert rows == np.transpose(rows).tolist()


def test_backward_within_a_hook():
    """A second, inner backward over another graph while the outer one is under way."""
    x, inner = leaf(2), leaf(3)
    y = x * x

    def hook(g):
        with pg.enable_grad():
            (inner * inner).sum().backward()

    y.register_hook(hook)
    y.sum().backward()
    assert x.grad.item() == 4 and inner.grad.item() == 6


# Modes ------------------------------------------------------------------------------------------

def test_no_grad_records_nothing():
    x = leaf(1)
    with pg.no_grad():
        y = x * 2
        assert not pg.is_grad_enabled()
        with pg.enable_grad():
            z = x * 2
        assert not pg.is_grad_enabled()
    assert pg.is_grad_enabled()
    assert y.requires_grad is False and y.is_leaf and z.requires_grad


def test_modes_as_decorators():
    @pg.no_grad()
    def silent(a, *, b):
        """Doc."""
        return a * b, pg.is_grad_enabled()

    @pg.enable_grad()
    def recorded(a):
        return a * 2

    x = leaf(1)
    y, mode = silent(x, b=2)
    assert not y.requires_grad and mode is False and pg.is_grad_enabled()
    assert silent.__name__ == "silent" and silent.__doc__ == "Doc."
    with pg.no_grad():
        assert recorded(x).requires_grad
        assert not pg.is_grad_enabled()


def test_no_grad_decorates_without_parentheses():
    @pg.no_grad
    def silent(a):
        return a * 2
    assert not silent(leaf(1)).requires_grad and pg.is_grad_enabled()


def test_a_decorated_function_may_call_itself():
    @pg.no_grad()
    def countdown(n):
        assert not pg.is_grad_enabled()
        return countdown(n - 1) if n else pg.is_grad_enabled()
    assert countdown(3) is False and pg.is_grad_enabled()


def test_set_grad_enabled():
    x = leaf(1)
    for mode in (True, False):
        with pg.set_grad_enabled(mode):
            assert (x * 2).requires_grad is mode
        assert pg.is_grad_enabled()
    try:
        pg.set_grad_enabled(False)
        assert not (x * 2).requires_grad
    finally:
        pg.set_grad_enabled(True)
    assert (x * 2).requires_grad


def test_an_exception_restores_the_mode():
    with pytest.raises(ZeroDivisionError), pg.no_grad():
        raise ZeroDivisionError
    assert pg.is_grad_enabled()


def test_a_mode_object_may_be_entered_again():
    mode = pg.no_grad()
    for _ in range(2):
        with mode:
            assert not pg.is_grad_enabled()
        assert pg.is_grad_enabled()


def test_modes_are_per_thread():
    seen = []
    with pg.no_grad():
        t = threading.Thread(target=lambda: seen.append(pg.is_grad_enabled()))
        t.start()
        t.join()
    assert seen == [True]


def test_leaves_made_without_grad_may_still_ask_for_one():
    with pg.no_grad():
        x = pg.ones(2, requires_grad=True)
        y = pg.zeros(2).requires_grad_()
    assert x.requires_grad and y.requires_grad
    (x * y).sum().backward()
    assert y.grad.tolist() == [1, 1]


def test_backward_within_no_grad():
    x = leaf(3)
    y = (x * x).sum()
    with pg.no_grad():
        y.backward()
    assert x.grad.item() == 6


def test_threads_walk_their_own_graphs():
    """Eight at once, with one leaf in common: every gradient is right."""
    w = leaf(2.0)
    wrong = []

    def work(k):
        for _ in range(50):
            x = leaf(float(k))
            g, = pg.autograd.grad((x * w).exp().log().sum(), x)
            if abs(g.item() - 2) > 1e-9:
                wrong.append((k, g.item()))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


# Leaves, detach, retain -------------------------------------------------------------------------

def test_leaves():
    x = leaf(1)
    y = x * 2
    assert x.is_leaf and not y.is_leaf
    assert pg.ones(2).is_leaf and (pg.ones(2) * 2).is_leaf
    assert x.detach().is_leaf and y.detach().is_leaf


def test_detach_cuts_and_shares():
    x = leaf(1, 2)
    y = x * 2
    d = y.detach()
    assert d.requires_grad is False and d.grad_fn is None
    d[0] = 7
    assert y.tolist() == [7, 4]
    (d * x).sum().backward()
    assert x.grad.tolist() == [7, 4]


def test_detach_in_place():
    x = leaf(1)
    y = x * 2
    assert y.detach_() is y and y.is_leaf and not y.requires_grad


def test_requires_grad_():
    x = pg.zeros(2)
    assert x.requires_grad_() is x and x.requires_grad
    assert x.requires_grad_(False) is x and not x.requires_grad
    x.requires_grad = True
    assert x.requires_grad
    y = x * 2
    assert y.requires_grad_() is y
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad_(False)


def test_data_is_the_same_memory_without_history():
    x = leaf(1, 2)
    y = x * x
    x.data.mul_(2)
    assert x.tolist() == [2, 4] and not x.data.requires_grad
    y.sum().backward()      # .data is the door that nobody watches
    assert x.grad.tolist() == [4, 8]
    x.data = pg.tensor([5.0, 6.0], dtype=pg.float64)
    assert x.tolist() == [5, 6] and x.requires_grad


def test_retain_grad():
    x = leaf(1, 2)
    h = x * 3
    h.retain_grad()
    h.retain_grad()
    assert h.retains_grad and not x.retains_grad
    (h * h).sum().backward()
    assert h.grad.tolist() == [6, 12] and x.grad.tolist() == [18, 36]
    x.retain_grad()         # a leaf has it anyway
    with pytest.raises(RuntimeError, match="grad"):
        pg.ones(1).retain_grad()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_without_retain_grad_there_is_none():
    x = leaf(1)
    h = x * 3
    h.sum().backward()
    assert h.grad is None


def test_asking_for_a_gradient_that_is_not_kept_warns():
    h = leaf(1) * 3
    with pytest.warns(UserWarning, match="retain_grad"):
        assert h.grad is None


# Hooks ------------------------------------------------------------------------------------------

def test_hooks_see_the_whole_gradient_once():
    x = leaf(1, 2)
    h = x * 2
    seen = []
    h.register_hook(lambda g: seen.append(g.tolist()))
    (h * h + h * 10).sum().backward()
    assert seen == [[14, 18]]
    assert x.grad.tolist() == [28, 36]


@pytest.mark.parametrize("where", ["leaf", "middle", "result"])
def test_a_hook_may_replace_the_gradient(where):
    x = leaf(1, 2)
    h = x * 2
    y = h.sum()
    {"leaf": x, "middle": h, "result": y}[where].register_hook(lambda g: g * 10)
    y.backward()
    assert x.grad.tolist() == [20, 20]


def test_hooks_run_in_order_and_can_be_removed():
    x = leaf(1)
    seen = []
    first = x.register_hook(lambda g: seen.append("first") or g * 2)
    x.register_hook(lambda g: seen.append(g.item()))
    (3 * x).sum().backward()
    first.remove()
    first.remove()
    (3 * x).sum().backward()
    assert seen == ["first", 6, 3]


def test_the_hook_of_a_leaf_runs_before_it_accumulates():
    x = leaf(1)
    x.grad = pg.tensor([100.0], dtype=pg.float64)
    x.register_hook(lambda g: g * 2)
    (3 * x).sum().backward()
    assert x.grad.item() == 106


def test_what_a_hook_raises_comes_out():
    x = leaf(1)
    x.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (x * 2).sum().backward()
    assert pg.is_grad_enabled()


def test_bad_hooks():
    with pytest.raises(RuntimeError, match="grad"):
        pg.ones(1).register_hook(print)
    x = leaf(1, 2)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(RuntimeError, match=r"hook|shape|size"):
        x.sum().backward()


def test_hooks_with_create_graph_are_differentiated():
    x = leaf(3)
    x.register_hook(lambda g: g * g)
    g, = pg.autograd.grad((x * x).sum(), x, create_graph=True)     # (2x)²
    x2, = pg.autograd.grad(g, x)
    assert g.item() == 36 and abs(x2.item()) > 0


# grad_fn ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("make, name", [
    (lambda x: x + 1, "Add"), (lambda x: x * x, "Mul"), (lambda x: x / x, "Div"),
    (lambda x: x.exp(), "Exp"), (lambda x: x.sum(), "Sum"), (lambda x: x.sin(), "Sin"),
    (lambda x: x.reshape(1, 2), "View|Reshape"), (lambda x: x[0], "Select|Index|Slice"),
    (lambda x: x.relu(), "Relu|ReLU"), (lambda x: x.expand(2, 2) @ x.expand(2, 2), "Mm|MatMul"),
])
def test_grad_fn_has_a_readable_name(make, name):
    y = make(leaf(1, 2))
    assert any(n in y.grad_fn.name() for n in name.split("|"))
    assert any(n in repr(y.grad_fn) for n in name.split("|"))


def test_grad_fn_leads_through_the_graph():
    x = leaf(1)
    y = (x * 2).exp()
    (before, _), = y.grad_fn.next_functions
    assert "Mul" in before.name()
    assert x.grad_fn is None and pg.ones(1).grad_fn is None


# Several outputs --------------------------------------------------------------------------------

def test_one_of_several_outputs():
    x = leaf(1, 2, 3, 4)
    a, b = x.chunk(2)
    (b * b).sum().backward()
    assert a.requires_grad and x.grad.tolist() == [0, 0, 6, 8]


def test_all_outputs_each_twice():
    x = leaf(1, 2, 3)
    parts = x.unbind()
    sum(p * p for p in parts).backward()
    assert x.grad.tolist() == [2, 4, 6]


def test_values_with_positions():
    x = leaf(1, 5, 3)
    values, indices = x.max(dim=0)
    assert values.requires_grad and not indices.requires_grad
    assert x.max(dim=0).values.item() == 5 and x.max(0).indices.item() == 1
    values.backward()
    assert x.grad.tolist() == [0, 1, 0]
    assert x.sort().values.tolist() == [1, 3, 5] and x.topk(1).indices.tolist() == [1]


def test_hooks_and_retain_grad_on_one_output():
    x = leaf(1, 2, 3, 4)
    a, b = x.split(2)
    seen = []
    a.register_hook(lambda g: seen.append(g.tolist()))
    b.retain_grad()
    (a.sum() + (b * b).sum()).backward()
    assert seen == [[1, 1]] and b.grad.tolist() == [6, 8]


def test_gradient_w_r_t_one_output():
    x = leaf(1, 2, 3, 4)
    a, b = x.split(2)
    g, = pg.autograd.grad((a * b).sum(), a)
    assert g.tolist() == [3, 4]


def test_grad_computes_only_what_it_is_asked_for():
    asked = []

    class Product(pg.Op):
        def forward(self, a, b):
            self.save(a, b)
            return a * b

        def vjp(self, g):
            a, b = self.saved
            asked.append((self.needs(0), self.needs(1)))
            return g * b, g * a

    a, b = pg.ones(2, requires_grad=True), pg.ones(2, requires_grad=True)
    y = Product()(a * 2, b).sum()
    pg.autograd.grad(y, [b], retain_graph=True)
    pg.autograd.grad(y, [a], retain_graph=True)
    y.backward()
    assert asked == [(False, True), (True, False), (True, True)]


@pytest.mark.parametrize("hooked", [0, 1])
@pytest.mark.parametrize("swapped", [True, False])
def test_a_backward_inside_another_loses_no_gradient(swapped, hooked):
    """It runs before a gradient of the outer one has come to exp, while one waits there, or
    after: then all is well, and otherwise it raises."""
    w, v = pg.ones(2, requires_grad=True), pg.ones(2, requires_grad=True)
    a, u = w.exp(), v * 1
    b, total = a * 2, a.sum()
    (u, b)[hooked].register_hook(
        lambda g: pg.autograd.grad(total, w, retain_graph=True) and None)
    try:
        (u * a * b if swapped else a * u * b).sum().backward(retain_graph=True)
    except RuntimeError as error:
        assert "another backward walks through Exp" in str(error)
    else:
        assert w.grad.tolist() == pytest.approx([4 * np.exp(2)] * 2)


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_a_hook_after_accumulation_sees_the_gradient_and_may_step(lib):
    w, seen = lib.ones(2, requires_grad=True), []
    optimizer = lib.optim.SGD([w], lr=0.5)

    def step(parameter):
        seen.append((parameter is w, parameter.grad.tolist(), lib.is_grad_enabled()))
        optimizer.step()
        optimizer.zero_grad()

    handle = w.register_post_accumulate_grad_hook(step)
    w.register_hook(lambda g: 2 * g)                            # runs before
    (w * 3.0).sum().backward()
    assert seen == [(True, [6.0, 6.0], False)]
    assert w.grad is None and w.tolist() == [-2.0, -2.0]
    (w * 1.0).sum().backward(inputs=[w])
    lib.autograd.grad((w * 1.0).sum(), w)                       # adds to no .grad
    assert len(seen) == 2
    handle.remove()
    w.sum().backward()
    assert len(seen) == 2 and w.grad is not None
    with pytest.raises(RuntimeError, match="cannot be registered on"):
        (2 * w).register_post_accumulate_grad_hook(step)


@pytest.mark.parametrize("use", [lambda x: x.reshape(16), lambda x: x[1:], lambda x: x.sum(0),
                                 lambda x: x + 1, lambda x: x.T, lambda x: x.expand(2, 4, 4)])
def test_a_leaf_whose_data_changed_shape_since_gets_no_gradient(use):
    for lib in (pg, torch):
        x = lib.ones(4, 4, requires_grad=True)
        y = use(x).sum()
        x.data = lib.ones(2)
        with pytest.raises(RuntimeError, match=r"shape|size"):
            y.backward()
        assert x.grad is None
