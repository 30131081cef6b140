"""Adafactor: Adam's scale for each number, kept as one row and one column of a matrix."""

from math import sqrt

import plugrad as pg
from plugrad.optim import Optimizer


class Adafactor(Optimizer):
    """Steps of the gradient over its recent size, as long as the parameter's own size says.

        r, c: means of g ** 2 along rows and columns, the newest counting t ** beta2_decay
        u = g / sqrt(r c / mean(r))         length = min(lr, 1 / sqrt(t)) * max(eps[1], rms(w))
        w <- (1 - lr * weight_decay) * w - length * u / max(1, rms(u) / d)

    A vector keeps the mean itself.   eps[0], None: the dtype's eps, bounds it from below.
    (Shazeer & Stern, 2018)
    """

    def __init__(self, params, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0,
                 weight_decay=0.0, *, foreach=None, maximize=False):
        super().__init__(params, {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d,
            "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize})

    def check(self, group):
        eps = group["eps"]
        if isinstance(eps, (tuple, list)) and eps[:1] in ((None,), [None]):
            eps = (0, *eps[1:])
        for bound in self.pair({"eps": eps}, "eps"):
            super().check({**group, "eps": bound})
        if not group["beta2_decay"] <= 0:
            raise ValueError("Adafactor: beta2_decay must be at most 0, got "
                             f"{group['beta2_decay']}")
        if not group["d"] >= 1:
            raise ValueError(f"Adafactor: d must be at least 1, got {group['d']}")

    def update(self, w, g, state, group):
        lr, (low, high) = float(group["lr"]), group["eps"]
        low = pg.finfo(w.dtype).eps if low is None else low
        if not state:
            state["step"] = pg.tensor(0.0)
            if w.ndim > 1:
                state["row_var"] = pg.zeros_like(g[..., :1])
                state["col_var"] = pg.zeros_like(g[..., :1, :])
            else:
                state["variance"] = pg.zeros_like(g)
        state["step"] += 1
        t = state["step"].item()
        fresh = t ** group["beta2_decay"]
        length = min(lr, 1 / sqrt(t)) * max(high, rms(w))
        if group["weight_decay"]:
            w.mul_(1 - lr * group["weight_decay"])
        if w.ndim > 1:
            r = state["row_var"].lerp_(g.square().mean(-1, keepdim=True), fresh)
            c = state["col_var"].lerp_(g.square().mean(-2, keepdim=True), fresh)
            v = r @ c / r.mean(-2, keepdim=True).clamp(min=low)
        else:
            v = state["variance"].lerp_(g.square(), fresh)
        u = g * v.clamp(min=low * low).rsqrt()
        w.sub_(u, alpha=length / max(1.0, rms(u) / group["d"]))


def rms(x):
    """The root of the mean square."""
    return x.norm().item() / sqrt(x.numel())


@pg.hookimpl
def register_optimizers(register):
    register(Adafactor)
