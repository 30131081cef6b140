"""L-BFGS: Newton's method, with a curvature that is guessed from the last gradients."""

# Longer than other plugins: its line search, which nothing else uses, is in here.
# Slopes and products are 0-d tensors of the parameters' dtype, not Python's numbers: in float32 it
# depends on their rounding which way a search turns.

from typing import Any, NamedTuple

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer

ARMIJO, CURVATURE = 1e-4, 0.9        # how far f must fall, and its slope must flatten


class LBFGS(Optimizer):
    """Steps along -H g, where H is the inverse Hessian as the last history_size steps suggest it.

    One step(closure) makes up to max_iter steps, with up to max_eval calls of closure, which clears
    the gradients, computes the loss, calls backward and returns the loss.  line_search_fn: None
    steps by lr, "strong_wolfe" looks for a good length.  tolerance_grad, tolerance_change: at which
    gradient, and change of loss or w, it stops.  One group.   (Liu and Nocedal, 1989)
    """

    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7,
                 tolerance_change=1e-9, history_size=100, line_search_fn=None):
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
            "history_size": history_size, "line_search_fn": line_search_fn})

    def check(self, group):
        super().check(group)
        for option in ("max_iter", "max_eval", "history_size"):
            nn.integer(group[option], f"LBFGS: {option}")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError("LBFGS: expected line_search_fn to be None or 'strong_wolfe', got "
                               f"{group['line_search_fn']!r}")
        if self.param_groups:
            raise ValueError("LBFGS: expected one parameter group, got more: it moves all "
                             "parameters as one vector, with the same options")

    def step(self, closure):
        """Make up to max_iter steps; returns the loss before the first."""
        group = self.param_groups[0]
        params, lr, most = group["params"], float(group["lr"]), group["max_iter"]
        state = self.state[params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        self.step_count += 1
        calls = 0

        def evaluate():
            nonlocal calls
            calls += 1
            state["func_evals"] += 1
            with pg.enable_grad():
                loss = closure()
            return loss, float(loss), flat_gradient(params)

        with pg.no_grad():
            first, f, g = evaluate()
            if steepest(g) <= group["tolerance_grad"]:
                return first
            for n in range(1, most + 1):
                state["n_iter"] += 1
                d = direction(g, state, group["history_size"])
                t = lr if state["n_iter"] > 1 else min(1.0, 1.0 / g.abs().sum()) * lr
                slope, before = g.dot(d), f
                state.update(d=d, t=t, prev_flat_grad=g, prev_loss=f)
                if slope > -group["tolerance_change"]:
                    break
                if group["line_search_fn"] is not None:
                    start = [w.clone() for w in params]

                    def try_out(t, d=d, start=start):
                        move(params, t, d)
                        _, f, g = evaluate()
                        for w, old in zip(params, start, strict=True):
                            w.copy_(old)
                        return Point(t, f, g.dot(d), g)

                    _, f, _, g = point = strong_wolfe(
                        try_out, Point(0.0, f, slope, g), t, group["max_eval"] - calls,
                        steepest(d), group["tolerance_change"])
                    t = state["t"] = point.t
                    move(params, t, d)
                else:
                    move(params, t, d)
                    if n < most:           # the last loss would not be looked at
                        _, f, g = evaluate()
                if (calls >= group["max_eval"] or steepest(g) <= group["tolerance_grad"]
                        or steepest(d) * t <= group["tolerance_change"]
                        or abs(f - before) < group["tolerance_change"]):
                    break
        return first


def direction(g, state, history_size):
    """-H g, by the two loops of Nocedal (1980); the last step joins the history."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
        return -g
    ys, ss, ros = state["old_dirs"], state["old_stps"], state["ro"]
    y, s = g - state["prev_flat_grad"], state["d"] * state["t"]
    curvature = y.dot(s)
    if curvature > 1e-10:                  # else H would not be positive definite
        if len(ys) == history_size:
            del ys[0], ss[0], ros[0]
        ys.append(y)
        ss.append(s)
        ros.append(1.0 / curvature)
        state["H_diag"] = curvature / y.dot(y)
    a = state.setdefault("al", [None] * history_size)
    d = -g
    for i in reversed(range(len(ys))):
        a[i] = ss[i].dot(d) * ros[i]
        d.sub_(ys[i], alpha=a[i].item())
    d.mul_(state["H_diag"])
    for i in range(len(ys)):
        d.add_(ss[i], alpha=(a[i] - ys[i].dot(d) * ros[i]).item())
    return d


class Point(NamedTuple):
    """What is known of the line w + t * d at t: the loss, its slope, and the gradient."""

    t: Any
    f: float
    slope: Any
    g: Any


def strong_wolfe(try_out, start, t, most, length, tolerance):
    """A Point where the loss has fallen and flattened enough (Nocedal and Wright, 2006, 3.5, 3.6).

    try_out(t) -> Point, most + 1 times at most.   An interval that moves no weight by `tolerance`
    is not looked into any more; length: the largest number of d."""

    def too_high(point):
        return point.f > start.f + ARMIJO * point.t * start.slope

    def flat(point):
        return abs(point.slope) <= -CURVATURE * start.slope

    last, point = start, try_out(t)
    for n in range(most):
        if too_high(point) or (n > 1 and point.f >= last.f):
            break
        if flat(point):
            return point
        if point.slope >= 0:
            break
        t = cubic(last, point, point.t + 0.01 * (point.t - last.t), 10 * point.t)
        last, point = point, try_out(t)
    else:
        last, n = start, most
    ends = [last, point]                   # a good point lies in between
    low = 0 if last.f <= point.f else 1
    stuck = False
    while n < most and not abs(ends[1].t - ends[0].t) * length < tolerance:
        left, right = sorted(end.t for end in ends)
        t, margin = cubic(*ends, left, right), 0.1 * (right - left)
        near = min(right - t, t - left) < margin
        if near and (stuck or not left < t < right):
            t = right - margin if right - t < t - left else left + margin
            near = False
        stuck = near
        point, n = try_out(t), n + 1
        if too_high(point) or point.f >= ends[low].f:
            ends[1 - low] = point
            low = 0 if ends[0].f <= ends[1].f else 1
            continue
        if flat(point):
            return point
        if point.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = point
    return ends[low]


def cubic(a, b, least, most):
    """The t of the minimum of the cubic through two points with their slopes; between the bounds,
    and in their middle if there is no minimum."""
    if b.t < a.t:
        a, b = b, a
    d = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d * d - a.slope * b.slope
    if not square >= 0:                                                 # NaN as well
        return (least + most) / 2
    r = square.sqrt()
    t = b.t - (b.t - a.t) * ((b.slope + r - d) / (b.slope - a.slope + 2 * r))
    return (least + most) / 2 if t.isnan() else min(max(t, least), most)


def flat_gradient(params):
    """All gradients as one vector, zeros for none."""
    return pg.cat([(pg.zeros_like(w) if w.grad is None else w.grad).reshape(-1) for w in params])


def steepest(x):
    """The largest absolute number."""
    return x.abs().max()


def move(params, t, d):
    """params <- params + t * d"""
    parts = d.split([w.numel() for w in params])
    for w, part in zip(params, parts, strict=True):
        w.add_(part.view_as(w), alpha=float(t))


@pg.hookimpl
def register_optimizers(register):
    register(LBFGS)
