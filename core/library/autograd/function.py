"""Operations in PyTorch's form, for ported code: a thin layer over Op."""

import functools
import sys
import weakref

from plugrad.autograd.modes import no_grad
from plugrad.tensor.tensor import Op, Tensor, _set_grad_enabled, is_grad_enabled


class FunctionCtx:
    """What a Function's forward notes down for its backward."""

    def __init__(self):
        self.to_save = ()
        self.non_differentiable = ()
        self.dirty = ()
        self.materialize_grads = True
        self.needs_input_grad = ()

    def save_for_backward(self, *tensors):
        """Keep tensors (or None) for `saved_tensors`."""
        for t in tensors:
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(f"save_for_backward: expected Tensors or None, got "
                                f"{type(t).__name__}; keep anything else as an attribute: "
                                "ctx.name = ...")
        self.to_save = tensors

    def mark_non_differentiable(self, *tensors):
        """These outputs have no gradient."""
        self.non_differentiable = tensors

    def mark_dirty(self, *tensors):
        """These inputs were changed in place."""
        self.dirty = tensors

    def set_materialize_grads(self, value):
        """Whether a missing output gradient reaches backward as zeros (True) or as None."""
        self.materialize_grads = bool(value)

    @property
    def saved_tensors(self):
        """What save_for_backward kept, checked for in-place changes."""
        kept = iter(self.op().saved)
        return tuple(None if t is None else next(kept) for t in self.places)


class _FunctionOp(Op):
    """The Op behind one call of a Function."""

    def __init__(self, function, args):
        self.function, self.args = function, args
        self.context = FunctionCtx()
        self.context.op = weakref.ref(self)            # no cycle: a graph dies by counting

    def forward(self, *arrays):
        context, function = self.context, self.function
        before = _set_grad_enabled(False)
        try:
            if function.setup_context is not Function.setup_context:
                result = function.forward(*self.args)
                function.setup_context(context, self.args, result)
            else:
                result = function.forward(context, *self.args)
        finally:
            _set_grad_enabled(before)
        results = result if isinstance(result, tuple) else (result,)
        for r in results:
            if not isinstance(r, Tensor):
                raise TypeError(f"{function.__name__}.forward: expected a Tensor or a tuple of "
                                f"Tensors, got {type(r).__name__}")
        self.save(*[t.detach().numpy() for t in context.to_save if t is not None])
        context.places = tuple(None if t is None else True for t in context.to_save)
        self.plain = tuple(any(r is t for t in context.non_differentiable) for r in results)
        context.to_save = ()
        outs = tuple(r.detach().numpy() for r in results)
        return outs if isinstance(result, tuple) else outs[0]

    def vjp(self, *gs):
        name, expected = self.function.__name__, len(self.args)
        grads = self.function.backward(self.context, *gs)
        grads = grads if isinstance(grads, tuple) else (grads,)
        if len(grads) > expected and all(g is None for g in grads[expected:]):
            grads = grads[:expected]
        if len(grads) != expected:
            raise RuntimeError(f"{name}.backward: expected {expected} gradients, one per argument "
                               f"of forward, got {len(grads)}; give None for an option")
        return grads

    def name(self):
        return self.function.__name__ + "Backward"


class Function:
    """An operation in PyTorch's form; in new code, subclass `plugrad.Op`.

        class Square(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x
            @staticmethod
            def backward(ctx, g):
                x, = ctx.saved_tensors
                return 2 * x * g

        y = Square.apply(x)
    """

    @staticmethod
    def forward(ctx, *args):
        """The result, from tensors and options; nothing inside is recorded."""
        raise NotImplementedError("a Function must define the static method forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx, inputs, output):
        """Where forward takes no ctx: keep here what backward needs."""
        raise NotImplementedError

    @staticmethod
    def backward(ctx, *grad_outputs):
        """The gradient of each argument of forward (None for one that has none)."""
        raise NotImplementedError("a Function must define the static method backward(ctx, *grads)")

    vjp = backward

    @classmethod
    def apply(cls, *args):
        """Call the operation."""
        op = _FunctionOp(cls, args)
        op.context.needs_input_grad = tuple(
            isinstance(a, Tensor) and a.requires_grad for a in args)
        out = op(*args)
        op.called_from(sys._getframe(1))
        outs = out if isinstance(out, tuple) else (out,)
        for x in op.context.dirty:
            if not any(x is a for a in args):
                raise RuntimeError(f"{cls.__name__}: mark_dirty expects inputs of forward")
        outs = tuple(o.detach() if plain else o for o, plain in zip(outs, op.plain))
        return outs if isinstance(out, tuple) else outs[0]


def once_differentiable(backward):
    """Decorates a Function's backward whose result can't be differentiated again."""

    @functools.wraps(backward)
    def inside(ctx, *gs):
        again = is_grad_enabled()
        with no_grad():
            grads = backward(ctx, *[None if g is None else g.detach() for g in gs])
        if not again:
            return grads
        listed = grads if isinstance(grads, tuple) else (grads,)
        stopped = tuple(None if g is None else _Once(backward.__qualname__)(g, *gs)
                        for g in listed)
        return stopped if isinstance(grads, tuple) else stopped[0]

    return inside


class _Once(Op):
    """Passes a gradient on, and refuses to be differentiated."""

    def __init__(self, who):
        self.who = who

    def forward(self, g, *gs):
        return g

    def vjp(self, g):
        raise RuntimeError(f"{self.who} is marked once_differentiable: it has no second gradient")
