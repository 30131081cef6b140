"""NAdam: Adam with Nesterov's momentum."""

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer


class NAdam(Optimizer):
    """Adam whose step looks ahead: it mixes the gradient with the mean that the next step will use.

        mu(t) = beta1 * (1 - 0.96 ** (t * momentum_decay) / 2)       p(t) = mu(1) * ... * mu(t)
        m, v and their roots as in Adam:   r = sqrt(v / (1 - beta2 ** t)) + eps
        w <- w - lr * ((1 - mu(t)) / (1 - p(t)) * g + mu(t + 1) / (1 - p(t + 1)) * m) / r

    weight_decay: as in Adam, decoupled_weight_decay: as in AdamW.   (Dozat, 2016)
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
                 momentum_decay=4e-3, decoupled_weight_decay=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False):
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
            "foreach": foreach, "maximize": maximize, "capturable": capturable,
            "differentiable": differentiable})

    def check(self, group):
        super().check(group)
        self.check_betas(group)
        nn.number(group["momentum_decay"], "NAdam: momentum_decay", least=0)

    def update(self, w, g, state, group):
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        if not state:
            state["step"] = pg.tensor(0.0)
            state["mu_product"] = pg.tensor(1.0)
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
        root = (v / (1 - beta2 ** t)).sqrt() + group["eps"]
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"]))
                       for s in (t, t + 1))
        state["mu_product"] *= mu
        product = state["mu_product"].item()
        w.addcdiv_(g, root, value=-lr * (1 - mu) / (1 - product))
        w.addcdiv_(m, root, value=-lr * mu_next / (1 - product * mu_next))


@pg.hookimpl
def register_optimizers(register):
    register(NAdam)
