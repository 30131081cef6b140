"""Adadelta: steps as large as recent steps, whatever the scale of the gradient."""

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import adadelta


class Adadelta(Optimizer):
    """Steps along the gradient over its recent size, times the recent size of steps.

        v <- rho * v + (1 - rho) * g ** 2           d = g * sqrt(u + eps) / sqrt(v + eps)
        u <- rho * u + (1 - rho) * d ** 2           w <- w - lr * d

    g includes weight_decay * w.   (Zeiler, 2012)
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *,
                 capturable=False, maximize=False, differentiable=False):
        super().__init__(params, {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "capturable": capturable, "maximize": maximize, "differentiable": differentiable})

    def check(self, group):
        super().check(group)
        nn.number(group["rho"], "Adadelta: rho", least=0, most=1)

    def update(self, w, g, state, group):
        if not state:
            state["step"] = pg.tensor(0.0)
            state["square_avg"] = pg.zeros_like(w)
            state["acc_delta"] = pg.zeros_like(w)
        state["step"] += 1
        adadelta(w, g, state["square_avg"], state["acc_delta"], group["lr"], group["rho"],
                 group["eps"], group["weight_decay"])


@pg.hookimpl
def register_optimizers(register):
    register(Adadelta)
