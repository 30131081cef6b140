"""Stochastic gradient descent."""

import plugrad as pg
from plugrad.optim import Optimizer


class SGD(Optimizer):
    """Gradient descent with momentum.

        g <- g + weight_decay * w
        v <- momentum * v + (1 - dampening) * g          (v = g at the first step)
        w <- w - lr * v                                  nesterov: w - lr * (g + momentum * v)

    (Polyak, 1964; Nesterov, 1983)
    """

    def __init__(self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0,
                 nesterov=False, *, maximize=False):
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening,
                                  "weight_decay": weight_decay, "nesterov": nesterov,
                                  "maximize": maximize})

    def check(self, group):
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD: nesterov needs momentum above 0 and no dampening, got momentum="
                             f"{group['momentum']}, dampening={group['dampening']}")

    def update(self, w, g, state, group):
        momentum = group["momentum"]
        if group["weight_decay"]:
            g = g.add(w, alpha=group["weight_decay"])
        if momentum:
            v = state.get("momentum_buffer")
            if v is None:
                v = state["momentum_buffer"] = g.clone()
            else:
                v.mul_(momentum).add_(g, alpha=1 - group["dampening"])
            g = g.add(v, alpha=momentum) if group["nesterov"] else v
        w.sub_(g, alpha=group["lr"])


@pg.hookimpl
def register_optimizers(register):
    register(SGD)
