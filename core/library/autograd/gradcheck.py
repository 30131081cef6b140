"""Compares derivatives with differences: is the gradient of a function right?

For f: x -> y, directions u of x and v of y, and the gradient g = d<v, f(x)>/dx, to second order in
eps:   <g, u> = <v, f(x + eps * u) - f(x - eps * u)> / (2 * eps)
Two evaluations test one random direction, whatever the sizes; where x and y are small, every
direction of x and y is tested, one by one, which also tells which element is wrong.
"""

import numpy as np
from plugrad.ops.create import from_numpy
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.walk import grad

DIRECTIONS = 4                          # random ones, per output
SMALL = 10_000                          # elements of x times elements of y, for all of them


class GradcheckError(RuntimeError):
    """A gradient is wrong; the text says which, where, by how much."""


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True,
              nondet_tol=0.0, fast_mode=False):
    """True if the gradients of func(*inputs) are right; otherwise raises GradcheckError, or gives
    False if not raise_exception.

    func: Tensors -> Tensor or tuple of Tensors, the same for the same inputs up to nondet_tol.
    inputs: a Tensor or several; those that require a gradient, float64, are tested.
    A difference of up to atol + rtol * |expected| is taken for rounding.
    fast_mode: along random directions only.
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    tested = [(i, x) for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    check_inputs(tested)
    try:
        check_repeats(func, inputs, nondet_tol)
        Check(func, inputs, tested, eps, atol, rtol).everything(SMALL * (not fast_mode))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3,
                  raise_exception=True, nondet_tol=0.0, fast_mode=False):
    """True if gradients of the gradients of func(*inputs) are right; else as `gradcheck`, which it
    is for the function (inputs, grad_outputs) -> gradients of func.

    grad_outputs: one float64 Tensor per output; random if not given.
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    n = len(inputs)
    if grad_outputs is None:
        rng = np.random.default_rng(0)
        grad_outputs = [from_numpy(np.asarray(rng.standard_normal(y.shape))).requires_grad_()
                        for y in differentiable(func(*inputs))]
    grad_outputs = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)

    def gradients(*args):
        xs = [x for x in args[:n] if isinstance(x, Tensor) and x.requires_grad]
        found = grad(differentiable(func(*args[:n])), xs, args[n:], create_graph=True,
                     allow_unused=True)
        return tuple(g for g in found if g is not None)

    try:
        return gradcheck(gradients, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol,
                         raise_exception=raise_exception, nondet_tol=nondet_tol,
                         fast_mode=fast_mode)
    except GradcheckError as error:
        raise GradcheckError(f"gradient of the gradient: {error}; is the vjp written in Tensor "
                             "operations, without .detach() or NumPy?") from None


def differentiable(outputs):
    """The outputs that carry a gradient."""
    return [y for y in as_tuple(outputs) if y.requires_grad]


def as_tuple(outputs):
    """Outputs side by side: those of an LSTM, (y, (h, c)), are y, h and c."""
    if not isinstance(outputs, (tuple, list)):
        return (outputs,)
    return tuple(y for output in outputs for y in as_tuple(output))


def check_inputs(tested):
    if not tested:
        raise ValueError("gradcheck: none of the inputs requires a gradient; call "
                         ".requires_grad_() on those to be tested")
    for i, x in tested:
        if x.dtype.name != "float64":
            raise ValueError(f"gradcheck: input {i} is {x.dtype}; differences need the digits of "
                             "float64: make it with .double().requires_grad_()")
        if not x.is_leaf:
            raise ValueError(f"gradcheck: input {i} is the result of {x.grad_fn}; use "
                             ".detach().clone().requires_grad_()")


def check_repeats(func, inputs, tolerance):
    for o, pair in enumerate(zip(as_tuple(func(*inputs)), as_tuple(func(*inputs)), strict=True)):
        first, second = (y.detach().numpy() for y in pair)
        same = first.shape == second.shape and np.allclose(first, second, 0, tolerance, True)
        if not same:
            raise GradcheckError(f"output {o} differs between two calls with the same inputs; if "
                                 "it is random, call plugrad.manual_seed first inside func")


class Check:
    """One function at one point."""

    def __init__(self, func, inputs, tested, eps, atol, rtol):
        self.func, self.inputs, self.tested = func, inputs, tested
        self.eps, self.atol, self.rtol = eps, atol, rtol

    def everything(self, small):
        """Test all outputs: along random directions and, where input and output have no more than
        `small` elements, multiplied, each derivative."""
        self.fail_if_cut_off()
        for o, y in enumerate(self.outputs()):
            if not y.requires_grad:
                continue
            rng = np.random.default_rng(o)
            for _ in range(DIRECTIONS):
                self.direction(o, rng.standard_normal(y.shape), rng)
            if sum(x.numel() for _, x in self.tested) * y.numel() <= small:
                self.jacobian(o, y.shape)

    def outputs(self):
        return as_tuple(self.func(*self.inputs))

    def gradients(self, o, v):
        """d<v, output o>/dx for every tested input x, as arrays; None where there is no path."""
        found = grad([self.outputs()[o]], [x for _, x in self.tested],
                              [from_numpy(np.array(v))], allow_unused=True)
        for (i, x), g in zip(self.tested, found, strict=True):
            if g is not None and (g.shape != x.shape or g.dtype is not x.dtype):
                raise GradcheckError(f"input {i}: expected a gradient of {tuple(x.shape)} "
                                     f"{x.dtype}, got {tuple(g.shape)} {g.dtype}")
        return [None if g is None else g.detach().numpy() for g in found]

    def difference(self, o, x, u):
        """(output o at x + eps * u, less that at x - eps * u) / (2 * eps)

        x is moved in its own memory, so that whatever func holds on to moves as well.
        """
        memory = x.detach().numpy()
        before = memory.copy()
        try:
            memory += self.eps * u
            up = self.outputs()[o].detach().numpy().copy()
            memory[...] = before - self.eps * u
            down = self.outputs()[o].detach().numpy().copy()
        finally:
            memory[...] = before
        return (up - down) / (2 * self.eps)

    def direction(self, o, v, rng):
        """Test <g, u> for output o's direction v and a random direction u of each input."""
        for (i, x), g in zip(self.tested, self.gradients(o, v), strict=True):
            if g is None:
                self.fail_if_it_follows(o, i, x)
                continue
            u = rng.standard_normal(x.shape)
            self.compare((g * u).sum(), (v * self.difference(o, x, u)).sum(),
                         f"gradient of output {o} by input {i} {tuple(x.shape)}, along a random "
                         "direction")

    def jacobian(self, o, shape):
        """Test every derivative of output o, of this shape, one by one."""
        rows = []                                     # of the Jacobian: one per element of y
        for place in np.ndindex(*shape):
            v = np.zeros(shape)
            v[place] = 1
            rows.append(self.gradients(o, v))
        for k, (i, x) in enumerate(self.tested):
            if any(row[k] is None for row in rows):
                continue                              # no path: `direction` has tested that
            for at in np.ndindex(*x.shape):
                u = np.zeros(x.shape)
                u[at] = 1
                column = self.difference(o, x, u)
                for place, row in zip(np.ndindex(*shape), rows, strict=True):
                    self.compare(row[k][at], column[place],
                                 f"d output{o}{list(place)} / d input{i}{list(at)}")

    def fail_if_cut_off(self):
        """Outputs without any history must not follow the inputs."""
        for o, y in enumerate(self.outputs()):
            if y.dtype.is_floating_point and not y.requires_grad:
                for i, x in self.tested:
                    self.fail_if_it_follows(o, i, x)

    def fail_if_it_follows(self, o, i, x):
        """An output may do without a gradient by x if it is constant, or jumps as sign(x) does."""
        if all(self.follows(o, x, np.random.default_rng(seed)) for seed in (0, 1)):
            raise GradcheckError(f"output {o} depends on input {i} but carries no gradient to it; "
                                 ".detach(), .data, .tolist(), NumPy or no_grad cut it off, or "
                                 "a vjp returned None")

    def follows(self, o, x, rng):
        """Whether half the step of x moves output o half as far, by more than rounding does."""
        u = rng.standard_normal(x.shape)
        y = self.outputs()[o].detach().numpy()
        rounding = np.finfo(y.dtype).eps * (1 + np.abs(y)) / self.eps
        with np.errstate(invalid="ignore"):
            whole, half = self.difference(o, x, u), self.difference(o, x, u / 2)
            halves = np.abs(half - whole / 2) < np.abs(whole) / 4
            return bool(np.any(halves & (np.abs(whole) > self.atol + rounding)))

    def compare(self, got, expected, what):
        if not abs(got - expected) <= self.atol + self.rtol * abs(expected):    # also for NaN
            raise GradcheckError(f"{what}: got {got:.9g}, differences say {expected:.9g}")
