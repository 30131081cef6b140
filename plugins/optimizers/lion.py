"""Lion: the sign of the momentum, found by a search over programs."""

import plugrad as pg
from plugrad.optim import Optimizer


class Lion(Optimizer):
    """Steps of lr up or down, by the sign of the mean gradient that counts the present one more.

        w <- (1 - lr * weight_decay) * w - lr * sign(beta1 * m + (1 - beta1) * g)
        m <- beta2 * m + (1 - beta2) * g

    lr is best 3 to 10 times smaller than AdamW's, weight_decay as much larger.
    (Chen et al., 2023)
    """

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, *, maximize=False):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay,
                                  "maximize": maximize})

    def check(self, group):
        super().check(group)
        self.check_betas(group)

    def update(self, w, g, state, group):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        if not state:
            state["exp_avg"] = pg.zeros_like(w)
        m = state["exp_avg"]
        if group["weight_decay"] != 0:
            w.mul_(1 - lr * group["weight_decay"])
        w.sub_((beta1 * m + (1 - beta1) * g).sign(), alpha=lr)
        m.mul_(beta2).add_(g, alpha=1 - beta2)


@pg.hookimpl
def register_optimizers(register):
    register(Lion)
