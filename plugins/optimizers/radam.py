"""RAdam: Adam that waits until it knows how large gradients are."""

from math import sqrt

import plugrad as pg
from plugrad.optim import Optimizer


class RAdam(Optimizer):
    """Adam whose step is scaled by how many gradients the mean squared one has seen.

        rho(t) = 2 / (1 - beta2) - 1 - 2 * t * beta2 ** t / (1 - beta2 ** t),   q = rho(infinity)
        r = sqrt((rho - 4) * (rho - 2) * q / ((q - 4) * (q - 2) * rho))   of rho = rho(t), if > 5
        w <- w - lr * m / (1 - beta1 ** t) * r * sqrt(1 - beta2 ** t) / (sqrt(v) + eps)

    and w - lr * m / (1 - beta1 ** t) as long as rho <= 5; m, v and weight_decay as in Adam,
    decoupled_weight_decay as in AdamW.   (Liu et al., 2020)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
                 decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False,
                 differentiable=False):
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "foreach": foreach,
            "maximize": maximize, "capturable": capturable, "differentiable": differentiable})

    def check(self, group):
        super().check(group)
        self.check_betas(group)

    def update(self, w, g, state, group):
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        if not state:
            state["step"] = pg.tensor(0.0)
            state["exp_avg"] = pg.zeros_like(w)
            state["exp_avg_sq"] = pg.zeros_like(w)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        t = state["step"].item()
        if decay != 0 and group["decoupled_weight_decay"]:
            w.mul_(1 - lr * decay)
        elif decay != 0:
            g = g + decay * w
        m.lerp_(g, 1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        seen2 = 1 - beta2 ** t
        most = 2 / (1 - beta2) - 1
        rho = most - 2 * t * beta2 ** t / seen2
        step = m * (lr / (1 - beta1 ** t))
        if rho > 5:
            r = sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
            step *= r * sqrt(seen2) / (v.sqrt() + group["eps"])
        w -= step


@pg.hookimpl
def register_optimizers(register):
    register(RAdam)
