"""Derivatives of functions: Jacobians, Hessians and their products with vectors.

func takes the tensors `inputs`, one or a tuple, and returns a tensor or a tuple; what comes back is
nested likewise.   create_graph: the derivatives can be differentiated again.   strict: RuntimeError
where an output does not depend on an input, instead of zeros.
"""

from plugrad.autograd.modes import enable_grad
from plugrad.ops.create import ones_like, zeros_like
from plugrad.ops.shape import stack
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.walk import grad


@enable_grad()
def jacobian(func, inputs, create_graph=False, strict=False):
    """J[..., i] = d func(inputs)[...] / d inputs[i]        J: (*output.shape, *input.shape)

    Of several outputs and inputs: J[o][i].
    """
    xs, ys = at("jacobian", func, inputs, create_graph)
    rows = []
    for y in tensors("jacobian: func must return", ys):
        each = [gradients("jacobian", y_k, xs, None, create_graph, strict)
                for y_k in y.reshape(-1).unbind()]
        rows.append(like(inputs, tuple(
            stack(parts).reshape(*y.shape, *x.shape) if parts else x.new_zeros(*y.shape, *x.shape)
            for x, *parts in zip(xs, *each))))
    return like(ys, tuple(rows))


@enable_grad()
def hessian(func, inputs, create_graph=False, strict=False):
    """H[i, j] = d² func(inputs) / d inputs[i] d inputs[j], of a func that returns one number

    H: (*input.shape, *input.shape); of several inputs: H[i][j].
    """
    def first(*xs):
        return jacobian(lambda *xs: number("hessian", func(*xs)), like(inputs, xs),
                        create_graph=True, strict=strict)

    return jacobian(first, inputs, create_graph, strict)


@enable_grad()
def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), vᵀ J)        v: like the outputs; may be left out for one number"""
    xs, ys = at("vjp", func, inputs, create_graph)
    outputs = tensors("vjp: func must return", ys)
    found = gradients("vjp", outputs, xs, vector("vjp", v, outputs), create_graph, strict)
    return result(ys, create_graph), like(inputs, found)


@enable_grad()
def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), J v)        v: like the inputs; may be left out for one number

    Twice backward: u -> uᵀ J is linear in u, and its derivative times v is J v.
    """
    xs, ys = at("jvp", func, inputs, create_graph)
    outputs = tensors("jvp: func must return", ys)
    v = vector("jvp", v, xs)
    us = tuple(zeros_like(y).requires_grad_() for y in outputs)
    back = gradients("jvp", outputs, xs, us, True, strict)
    found = gradients("jvp", back, us, v, create_graph, strict)
    return result(ys, create_graph), like(ys, found)


@enable_grad()
def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), vᵀ H)        v: like the inputs; may be left out for one number"""
    xs, y = at("vhp", func, inputs, create_graph)
    v = vector("vhp", v, xs)
    first = gradients("vhp", number("vhp", y), xs, None, True, strict)
    return result(y, create_graph), like(inputs, gradients("vhp", first, xs, v, create_graph,
                                                           strict))


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), H v), which is vᵀ H: H is symmetric"""
    return vhp(func, inputs, v, create_graph, strict)


# ---------------------------------------------------------------------------- what they share

def tensors(what, values):
    """values as a tuple of Tensors.  Raises TypeError for anything else."""
    values = values if isinstance(values, tuple) else (values,)
    for value in values:
        if not isinstance(value, Tensor):
            raise TypeError(f"{what} a Tensor or a tuple of Tensors, got {type(value).__name__}")
    return values


def like(given, found):
    """The tuple `found`, or its only element if no tuple was given."""
    return found if isinstance(given, tuple) else found[0]


def at(what, func, inputs, create_graph):
    """(the inputs as tensors of a graph of their own, what func makes of them)"""
    xs = tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_()
               for x in tensors(f"{what}: expected inputs to be", inputs))
    return xs, func(*xs)


def number(what, y):
    """y, which must be one number.  Raises RuntimeError."""
    if not isinstance(y, Tensor) or y.numel() != 1:
        raise RuntimeError(f"{what}: func must return a Tensor of one element, got "
                           f"{tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__}")
    return y.reshape(())


def vector(what, v, xs):
    """v as a tuple of tensors of the shapes of xs; 1 for a single number."""
    if v is None:
        if len(xs) != 1 or xs[0].numel() != 1:
            raise RuntimeError(f"{what}: v may be left out for a single number, not for shapes "
                               f"{[tuple(x.shape) for x in xs]}")
        return (ones_like(xs[0]),)
    v = tensors(f"{what}: expected v to be", v)
    if [a.shape for a in v] != [x.shape for x in xs]:
        raise RuntimeError(f"{what}: expected v of shapes {[tuple(x.shape) for x in xs]}, got "
                           f"{[tuple(a.shape) for a in v]}")
    return v


def gradients(what, ys, xs, v, create_graph, strict):
    """vᵀ d ys / d xs, zeros where nothing depends on an x."""
    ys = tensors(what, ys)
    pairs = [(y, a) for y, a in zip(ys, v or [None] * len(ys)) if y.requires_grad]
    found = [None] * len(xs)
    if pairs:
        found = grad([y for y, _ in pairs], xs, [a for _, a in pairs], retain_graph=True,
                     create_graph=create_graph, allow_unused=True)
    unused = [i for i, g in enumerate(found) if g is None]
    if strict and unused:
        raise RuntimeError(f"{what}: an output of func does not depend on input {unused[0]}, and "
                           "strict=True")
    return tuple(zeros_like(x) if g is None else g for x, g in zip(xs, found))


def result(ys, create_graph):
    """What func returned, without history unless the graph is kept."""
    kept = tuple(y if create_graph else y.detach() for y in tensors("func", ys))
    return like(ys, kept)
