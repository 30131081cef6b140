"""Derivatives written by the user: plugrad's Op, and PyTorch's autograd.Function."""

import pickle
import sys
import weakref

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import GRADIENT, assert_close


def leaf(*values):
    return pg.tensor(values, dtype=pg.float64, requires_grad=True)


# Op ---------------------------------------------------------------------------------------------

class Cube(pg.Op):
    """y = x ** 3"""

    def forward(self, x):
        self.save(x)
        return x ** 3

    def vjp(self, g):
        x, = self.saved
        return 3 * x * x * g


class Exp(pg.Op):
    """y = exp(x), saving its output"""

    def forward(self, x):
        y = np.exp(x)
        self.save(y)
        return y

    def vjp(self, g):
        y, = self.saved
        return g * y


class Scale(pg.Op):
    """y = factor * a * b, skipping what is not needed"""

    def __init__(self, factor):
        self.factor = factor
        self.asked = None

    def forward(self, a, b):
        self.save(a, b)
        return self.factor * a * b

    def vjp(self, g):
        a, b = self.saved
        self.asked = self.needs(0), self.needs(1)
        return (self.factor * g * b if self.needs(0) else None,
                self.factor * g * a if self.needs(1) else None)


class Halves(pg.Op):
    """two outputs: x[:n/2], x[n/2:] ** 2"""

    def forward(self, x):
        self.save(x)
        n = len(x) // 2
        return x[:n].copy(), x[n:] ** 2

    def vjp(self, ga, gb):
        x, = self.saved
        return pg.cat([ga, 2 * x[len(x) // 2:] * gb])


def test_an_op_may_hold_the_tuple_that_it_saves():
    class Held(Scale):
        def forward(self, a, b):
            self.held = a, b
            self.save(*self.held)
            return self.factor * a * b

    op, a = Held(2.0), leaf(2, -1)
    op(a, a).sum().backward()

    assert [type(x) for x in op.held] == [np.ndarray, np.ndarray]
    assert a.grad.tolist() == [8, -4]


def test_asking_for_an_input_that_is_not_there_is_an_error():
    op = (leaf(2, -1) * 3).grad_fn

    assert (op.needs(0), op.needs(1), op.needs(-2)) == (True, False, True)
    for i in (2, -3, 10**9):
        with pytest.raises(IndexError):
            op.needs(i)


def test_an_op_is_not_pickled():
    with pytest.raises(TypeError, match="Mul"):
        pickle.dumps((leaf(2, -1) * 3).grad_fn)


def test_op_value_and_gradients_of_every_order():
    x = leaf(2, -1)
    y = Cube()(x)
    assert y.tolist() == [8, -1] and "Cube" in y.grad_fn.name()
    g, = pg.autograd.grad(y.sum(), x, create_graph=True)
    h, = pg.autograd.grad(g.sum(), x, create_graph=True)
    t, = pg.autograd.grad(h.sum(), x)
    assert (g.tolist(), h.tolist(), t.tolist()) == ([12, 3], [12, -6], [6, 6])


def test_op_that_saves_its_output():
    x = leaf(0.5)
    g = Exp()(x)
    for _ in range(3):
        g, = pg.autograd.grad(g.sum(), x, create_graph=True)
        assert_close(g.detach().numpy(), np.exp([0.5]), GRADIENT)


def test_op_with_options_and_two_inputs():
    a, b = leaf(1, 2), leaf(3, 4)
    Scale(10)(a, b).sum().backward()
    assert a.grad.tolist() == [30, 40] and b.grad.tolist() == [10, 20]


def test_op_is_told_which_gradients_are_needed():
    a, b = leaf(1, 2), pg.tensor([3.0, 4.0], dtype=pg.float64)
    op = Scale(1)
    op(a, b).sum().backward()
    assert op.asked == (True, False) and b.grad is None


def test_op_with_several_outputs():
    x = leaf(1, 2, 3, 4)
    a, b = Halves()(x)
    (a.sum() * 5 + b.sum()).backward()
    assert x.grad.tolist() == [5, 5, 6, 8]
    x.grad = None
    _, b = Halves()(x)          # the other output gets zeros
    b.sum().backward()
    assert x.grad.tolist() == [0, 0, 6, 8]


class CubeAndSlope(pg.Op):
    """y = x³, s = 3 x², of which s is saved"""

    def forward(self, x):
        y, s = x ** 3, 3 * x ** 2
        self.save(x, s)
        return y, s

    def vjp(self, gy, gs):
        x, s = self.saved
        return gy * s + gs * 6 * x


def test_op_that_saves_one_of_its_outputs():
    x = leaf(2, -1)
    y, _ = CubeAndSlope()(x)
    g, = pg.autograd.grad(y.sum(), x, create_graph=True)
    h, = pg.autograd.grad(g.sum(), x, create_graph=True)
    t, = pg.autograd.grad(h.sum(), x)
    assert (g.tolist(), h.tolist(), t.tolist()) == ([12, 3], [12, -6], [6, 6])
    assert pg.testing.gradgradcheck(lambda x: CubeAndSlope()(x), leaf(0.5, 2))


def test_a_saved_one_of_several_outputs_is_guarded_and_freed():
    op, x = CubeAndSlope(), leaf(2)
    y, s = op(x)
    with pg.no_grad():
        s += 1
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()
    gone = weakref.ref(op)
    del op, y, s
    assert gone() is None                               # at once: it was in no cycle


def test_op_takes_what_is_no_tensor():
    class Power(pg.Op):
        def forward(self, x, n):
            self.save(x)
            self.n = n
            return x ** n

        def vjp(self, g):
            x, = self.saved
            return g * self.n * x ** (self.n - 1), None

    x = leaf(3)
    Power()(x, 2).sum().backward()
    assert x.grad.item() == 6


def test_op_in_the_middle_of_a_graph():
    x = leaf(2, 3)
    y = (Cube()(x * 2) + 1).log()
    y.sum().backward()
    u = np.array([4.0, 6.0])
    assert_close(x.grad.numpy(), 6 * u ** 2 / (u ** 3 + 1), GRADIENT)


def test_op_without_gradients_records_nothing():
    with pg.no_grad():
        assert Cube()(leaf(1)).grad_fn is None
    assert Cube()(pg.ones(1)).requires_grad is False


def test_op_forward_sees_plain_arrays():
    seen = []

    class Look(pg.Op):
        def forward(self, x):
            seen.append(type(x))
            return x + 1

        def vjp(self, g):
            return g

    Look()(leaf(1))
    assert seen == [np.ndarray]


def test_an_op_object_is_used_once():
    op = Cube()
    op(leaf(1))
    with pytest.raises(RuntimeError, match="Cube"):
        op(leaf(2))


def wrong(forward=lambda self, x: x * 1, vjp=lambda self, g: g):
    return type("Wrong", (pg.Op,), {"forward": forward, "vjp": vjp})()


@pytest.mark.parametrize("vjp, error", [
    (lambda self, g: (g, g), RuntimeError), (lambda self, g: 1.0, TypeError),
    (lambda self, g: g.numpy(), TypeError), (lambda self, g: pg.ones(5), RuntimeError),
    (lambda self, g: undefined, NameError),  # noqa: F821
], ids=["too many", "number", "array", "shape", "bug"])
def test_a_wrong_vjp_is_named(vjp, error):
    with pytest.raises(error, match="Wrong"):
        wrong(vjp=vjp)(leaf(1, 2)).sum().backward()


def test_a_wrong_forward_is_named():
    with pytest.raises(TypeError, match=r"Wrong|expected"):
        wrong(forward=lambda self, x: None)(leaf(1))


def test_an_op_without_vjp_says_so():
    class Half(pg.Op):
        def forward(self, x):
            return x / 2

    with pytest.raises(NotImplementedError, match="Half"):
        Half()(leaf(1)).sum().backward()


def test_op_sees_a_saved_array_that_was_changed():
    x = leaf(1, 2) * 1
    y = Cube()(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"(?s)in.?place"):
        y.sum().backward()


def test_op_frees_what_it_saved():
    y = Cube()(leaf(1, 2)).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="retain_graph"):
        y.backward()


# autograd.Function ------------------------------------------------------------------------------

class Square(pg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g


def test_function_value_and_gradients_of_every_order():
    x = leaf(3, 4)
    y = Square.apply(x)
    assert y.tolist() == [9, 16] and "Square" in y.grad_fn.name()
    g, = pg.autograd.grad(y.sum(), x, create_graph=True)
    h, = pg.autograd.grad(g.sum(), x)
    assert g.tolist() == [6, 8] and h.tolist() == [2, 2]


def test_function_runs_forward_without_recording():
    class Mode(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.recorded = pg.is_grad_enabled() or (x * 2).requires_grad
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            assert not pg.is_grad_enabled()
            return g if not ctx.recorded else None

    x = leaf(1)
    Mode.apply(x).sum().backward()
    assert x.grad.item() == 1


def test_function_with_numbers_and_attributes():
    class Scaled(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, name=None):
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None, None

    x = leaf(1, 2)
    Scaled.apply(x, 5, "name").sum().backward()
    assert x.grad.tolist() == [5, 5]


def test_function_needs_input_grad():
    seen = []

    class Product(pg.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx, g):
            seen.append(tuple(ctx.needs_input_grad))
            a, b = ctx.saved_tensors
            return (g * b if ctx.needs_input_grad[0] else None,
                    g * a if ctx.needs_input_grad[1] else None)

    a, b = leaf(1, 2), leaf(3, 4)
    Product.apply(a, b).sum().backward()
    assert a.grad.tolist() == [3, 4] and b.grad.tolist() == [1, 2]
    a.grad = None
    Product.apply(a, b.detach()).sum().backward()
    assert seen == [(True, True), (True, False)] and a.grad.tolist() == [3, 4]


class SortWithOrder(pg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        order = x.detach().argsort()
        ctx.mark_non_differentiable(order)
        ctx.save_for_backward(order)
        return x[order], order

    @staticmethod
    def backward(ctx, g, _):
        order, = ctx.saved_tensors
        return pg.zeros_like(g).scatter(0, order, g)


def test_function_with_several_outputs_one_not_differentiable():
    x = leaf(3, 1, 2)
    y, order = SortWithOrder.apply(x)
    assert y.requires_grad and not order.requires_grad and order.tolist() == [1, 2, 0]
    (y * pg.tensor([1.0, 10.0, 100.0], dtype=pg.float64)).sum().backward()
    assert x.grad.tolist() == [100, 1, 10]


def test_function_marks_floats_non_differentiable():
    class Both(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            sign = x.sign()
            ctx.mark_non_differentiable(sign)
            return x.abs(), sign

        @staticmethod
        def backward(ctx, g, unused):
            assert not unused.any()
            return g * 7

    x = leaf(-1, 2)
    y, sign = Both.apply(x)
    assert sign.requires_grad is False
    (y * sign).sum().backward()
    assert x.grad.tolist() == [-7, 7]


def test_function_unused_outputs_bring_zeros():
    class Twins(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, ga, gb):
            return 2 * ga + 3 * gb

    x = leaf(1, 2)
    _, b = Twins.apply(x)
    b.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_function_once_differentiable():
    from plugrad.autograd.function import once_differentiable

    class Once(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x ** 2

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            x, = ctx.saved_tensors
            return pg.from_numpy(2 * x.detach().numpy() * g.numpy())

    x = leaf(3)
    Once.apply(x).sum().backward()
    assert x.grad.item() == 6
    g, = pg.autograd.grad((Once.apply(x) * x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"once_differentiable|twice"):
        g.sum().backward()


def test_function_that_saves_its_output():
    class MyExp(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            y, = ctx.saved_tensors
            return g * y

    x = leaf(0.5)
    g = MyExp.apply(x)
    for _ in range(3):
        g, = pg.autograd.grad(g.sum(), x, create_graph=True)
        assert_close(g.detach().numpy(), np.exp([0.5]), GRADIENT)


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_function_that_saves_one_of_its_outputs(lib):
    class Sinh(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            up, down = x.exp(), (-x).exp()
            ctx.save_for_backward(up, down)
            return (up - down) / 2, up, down

        @staticmethod
        def backward(ctx, g, g_up, g_down):
            up, down = ctx.saved_tensors
            return g * (up + down) / 2 + g_up * up - g_down * down

    x = lib.tensor(0.5, dtype=lib.float64, requires_grad=True)
    g = Sinh.apply(x)[0]
    for f in (np.cosh, np.sinh, np.cosh):
        g, = lib.autograd.grad(g, x, create_graph=True)
        assert g.item() == pytest.approx(f(0.5))


def test_function_straight_through():
    class Round(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

        @staticmethod
        def backward(ctx, g):
            return g

    x = leaf(0.4, 1.6)
    (Round.apply(x) * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_function_in_the_middle_of_a_graph_without_inputs_that_need_it():
    x = leaf(2)
    y = Square.apply(pg.ones(2, dtype=pg.float64))
    assert not y.requires_grad
    (Square.apply(x * 3) * y).sum().backward()
    assert x.grad.item() == 2 * 2 * 9 * 2


def test_function_gradients_are_counted():
    class Wrong(pg.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(RuntimeError, match=r"(?s)Wrong.*2"):
        Wrong.apply(leaf(1), leaf(2)).sum().backward()


def test_what_backward_raises_comes_out():
    class Broken(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        Broken.apply(leaf(1)).sum().backward()
    assert pg.is_grad_enabled()


def test_function_without_grad_mode():
    with pg.no_grad():
        assert Square.apply(leaf(1)).grad_fn is None


def test_function_returning_its_input():
    class Same(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 5

    x = leaf(1)
    y = Same.apply(x)
    assert y is not x
    y.sum().backward()
    assert x.grad.item() == 5


# Inputs are not an operation's to change ---------------------------------------------------------

class Writes(pg.Op):
    def forward(self, x):
        x *= 2
        return x

    def vjp(self, g):
        return 2 * g


class Same(pg.Op):
    def forward(self, x):
        self.save(x)
        return x

    def vjp(self, g):
        x, = self.saved
        return 2 * x * g


def test_an_op_that_writes_into_its_input_is_refused():
    x = leaf(1.0)
    y = x.exp()
    with pytest.raises(RuntimeError, match=r"Writes.forward: .*must not write.*x\.copy\(\)"):
        Writes()(y)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp(1.0), rtol=1e-6)


@pytest.mark.parametrize("take", [lambda x: x, lambda x: x[::-1], lambda x: (x[:1], x)])
def test_what_an_op_returns_shares_no_memory_with_its_inputs(take):
    class Part(pg.Op):
        def forward(self, x):
            return take(x)

    x = pg.ones(3)
    out = Part()(x)
    for y in out if isinstance(out, tuple) else (out,):
        y += 1
    assert x.tolist() == [1, 1, 1]


def test_an_input_saved_by_an_op_keeps_its_history():
    x = leaf(3.0)
    first, = pg.autograd.grad(Same()(x).sum(), x, create_graph=True)
    assert first.item() == 6
    assert pg.autograd.grad(first.sum(), x)[0].item() == 2


def test_messages_name_the_line_that_called_a_function():
    class Short(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g[:1]

    y = Short.apply(leaf(1.0, 2.0)).sum()
    line = sys._getframe().f_lineno - 1
    with pytest.raises(RuntimeError, match=rf"Short at .*test_custom.py\", line {line}: Short.backw"
                                           r"ard: expected a gradient of shape \(2,\)"):
        y.backward()


def test_save_for_backward_takes_tensors():
    class Bad(pg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x.detach().numpy())
            return x * 1

    with pytest.raises(TypeError, match="save_for_backward: expected Tensors or None, got ndarray"):
        Bad.apply(leaf(1.0))


@pytest.mark.parametrize("kept", [(None, 1), (np.ones(2), np.ones(2)), ("a",)])
def test_save_outside_of_forward_is_refused_when_it_is_asked_for(kept):
    op = (pg.ones(2, requires_grad=True) * pg.ones(2, requires_grad=True)).grad_fn
    op.save(*kept)
    with pytest.raises(RuntimeError, match="outside of forward"):
        _ = op.saved
