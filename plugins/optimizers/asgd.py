"""ASGD: gradient descent that remembers the average of where it has been."""

import plugrad as pg
from plugrad.optim import Optimizer


class ASGD(Optimizer):
    """Gradient descent with steps that shrink; state[w]["ax"] is the average of w since step t0.

        w <- (1 - lambd * eta) * w - eta * g              ax <- ax + mu * (w - ax)
        eta = lr / (1 + lambd * lr * t) ** alpha          mu = 1 / max(1, t - t0)    of step t

    g includes weight_decay * w.   (Polyak and Juditsky, 1992)
    """

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0,
                 foreach=None, maximize=False, differentiable=False, capturable=False):
        super().__init__(params, {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable})

    def update(self, w, g, state, group):
        lr, lambd = float(group["lr"]), group["lambd"]
        if not state:
            state["step"] = pg.tensor(0.0)
            state["eta"] = pg.tensor(lr)
            state["mu"] = pg.tensor(1.0)
            state["ax"] = pg.zeros_like(w)
        state["step"] += 1
        t, eta, mu, ax = state["step"].item(), state["eta"].item(), state["mu"].item(), state["ax"]
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * w
        w.mul_(1 - lambd * eta).sub_(g, alpha=eta)
        if mu == 1:                        # exactly w, without the rounding of ax + (w - ax)
            ax.copy_(w)
        else:
            ax.add_(w - ax, alpha=mu)
        state["eta"].fill_(lr / (1 + lambd * lr * t) ** group["alpha"])
        state["mu"].fill_(1 / max(1, t - group["t0"]))


@pg.hookimpl
def register_optimizers(register):
    register(ASGD)
