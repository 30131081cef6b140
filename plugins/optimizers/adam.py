"""Adam: every weight has a step size of its own."""

import plugrad as pg
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import adam


class Adam(Optimizer):
    """Steps along the mean gradient over the root of the mean squared gradient.

        m <- beta1 * m + (1 - beta1) * g           v <- beta2 * v + (1 - beta2) * g ** 2
        w <- w - lr * (m / (1 - beta1 ** t)) / (sqrt(v / (1 - beta2 ** t)) + eps)

    g includes weight_decay * w, or, decoupled, w <- (1 - lr * weight_decay) * w before the step.
    amsgrad: the largest v so far in place of v.   (Kingma and Ba, 2015; Reddi et al., 2018)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
                 amsgrad=False, *, foreach=None, maximize=False, capturable=False,
                 differentiable=False, fused=None, decoupled_weight_decay=False):
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "foreach": foreach, "maximize": maximize,
            "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay})

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
        adam("Adam", w, g, state["exp_avg"], state["exp_avg_sq"],
             state["max_exp_avg_sq"] if group["amsgrad"] else None, state["step"].item(),
             group["lr"], *group["betas"], group["eps"], group["weight_decay"],
             group.get("decoupled_weight_decay", False))     # older states do not say


@pg.hookimpl
def register_optimizers(register):
    register(Adam)
