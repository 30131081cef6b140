"""Stochastic gradient descent."""

import plugrad as pg
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import sgd


class SGD(Optimizer):
    """Gradient descent with momentum.

        g <- g + weight_decay * w
        v <- momentum * v + (1 - dampening) * g          (v = g at the first step)
        w <- w - lr * v                                  nesterov: w - lr * (g + momentum * v)

    (Polyak, 1964; Nesterov, 1983)
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False,
                 *, maximize=False, foreach=None, differentiable=False, fused=None):
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "foreach": foreach,
            "differentiable": differentiable, "fused": fused})

    def check(self, group):
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD: nesterov needs momentum above 0 and no dampening, got momentum="
                             f"{group['momentum']}, dampening={group['dampening']}")

    def update(self, w, g, state, group):
        momentum, dampening = group["momentum"], group["dampening"]
        v = state.get("momentum_buffer")
        if momentum and v is None:
            v = state["momentum_buffer"] = pg.zeros_like(w)
            dampening = 0.0
        sgd(w, g, v, group["lr"], momentum, dampening, group["weight_decay"], group["nesterov"])


@pg.hookimpl
def register_optimizers(register):
    register(SGD)
