"""Adamax: Adam with the largest gradient in place of the mean squared one."""

import plugrad as pg
from plugrad.optim import Optimizer


class Adamax(Optimizer):
    """Steps along the mean gradient over the largest one, which fades.

        m <- beta1 * m + (1 - beta1) * g           u <- max(beta2 * u, abs(g) + eps)
        w <- w - lr / (1 - beta1 ** t) * m / u

    g includes weight_decay * w.   (Kingma and Ba, 2015)
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None,
                 *, maximize=False, differentiable=False, capturable=False):
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable})

    def check(self, group):
        super().check(group)
        self.check_betas(group)

    def update(self, w, g, state, group):
        beta1, beta2 = group["betas"]
        if not state:
            state["step"] = pg.tensor(0.0)
            state["exp_avg"] = pg.zeros_like(w)
            state["exp_inf"] = pg.zeros_like(w)
        m, u = state["exp_avg"], state["exp_inf"]
        state["step"] += 1
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * w
        m.lerp_(g, 1 - beta1)
        u.copy_(pg.maximum(beta2 * u, g.abs() + group["eps"]))
        w.addcdiv_(m, u, value=-group["lr"] / (1 - beta1 ** state["step"].item()))


@pg.hookimpl
def register_optimizers(register):
    register(Adamax)
