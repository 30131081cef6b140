"""AdamW: Adam whose weight decay is no part of the gradient."""

import plugrad as pg
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import adam


class AdamW(Optimizer):
    """Shrinks w, then steps along the mean gradient over the root of the mean squared gradient.

        w <- (1 - lr * weight_decay) * w
        m <- beta1 * m + (1 - beta1) * g           v <- beta2 * v + (1 - beta2) * g ** 2
        w <- w - lr * (m / (1 - beta1 ** t)) / (sqrt(v / (1 - beta2 ** t)) + eps)

    amsgrad: the largest v so far in place of v.   (Loshchilov and Hutter, 2019)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2,
                 amsgrad=False, *, maximize=False, foreach=None, capturable=False,
                 differentiable=False, fused=None):
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": True})

    def check(self, group):
        super().check(group)
        self.check_betas(group)

    def update(self, w, g, state, group):
        if not state:
            state["step"] = pg.tensor(0.0)
            state["exp_avg"] = pg.zeros_like(w)
            state["exp_avg_sq"] = pg.zeros_like(w)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = pg.zeros_like(w)
        state["step"] += 1
        adam("AdamW", w, g, state["exp_avg"], state["exp_avg_sq"],
             state["max_exp_avg_sq"] if group["amsgrad"] else None, state["step"].item(),
             group["lr"], *group["betas"], group["eps"], group["weight_decay"], True)


@pg.hookimpl
def register_optimizers(register):
    register(AdamW)
