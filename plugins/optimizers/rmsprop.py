"""RMSprop: gradients over their recent size."""

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import rmsprop


class RMSprop(Optimizer):
    """Steps along the gradient over the root of the mean squared gradient.

        v <- alpha * v + (1 - alpha) * g ** 2           d = g / (sqrt(v) + eps)
        w <- w - lr * d              momentum:  b <- momentum * b + d,   w <- w - lr * b

    g includes weight_decay * w.   centered: v minus the square of the mean gradient in place of v
    (its variance).   (Tieleman and Hinton, 2012; Graves, 2013)
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0,
                 centered=False, capturable=False, foreach=None, maximize=False,
                 differentiable=False):
        super().__init__(params, {
            "lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
            "momentum": momentum, "centered": centered, "capturable": capturable,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable})

    def check(self, group):
        super().check(group)
        nn.number(group["alpha"], "RMSprop: alpha", least=0)

    def update(self, w, g, state, group):
        if not state:
            state["step"] = pg.tensor(0.0)
            state["square_avg"] = pg.zeros_like(w)
            if group["momentum"] > 0:
                state["momentum_buffer"] = pg.zeros_like(w)
            if group["centered"]:
                state["grad_avg"] = pg.zeros_like(w)
        state["step"] += 1
        rmsprop(w, g, state["momentum_buffer"] if group["momentum"] > 0 else None,
                state["square_avg"], state["grad_avg"] if group["centered"] else None,
                group["lr"], group["alpha"], group["eps"], group["weight_decay"],
                group["momentum"])


@pg.hookimpl
def register_optimizers(register):
    register(RMSprop)
