"""Adagrad: the more a weight has moved, the less it moves."""

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer
from plugrad.plugins.optimizers._update import adagrad


class Adagrad(Optimizer):
    """Steps along the gradient over the root of the sum of all squared gradients.

        s <- s + g ** 2                     (s = initial_accumulator_value at the start)
        w <- w - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)

    g includes weight_decay * w.   (Duchi et al., 2011)
    """

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0,
                 eps=1e-10, foreach=None, *, maximize=False, differentiable=False, fused=None):
        super().__init__(params, {
            "lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "eps": eps,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "fused": fused})
        for group in self.param_groups:             # from the first, as in PyTorch: it is saved
            for w in group["params"]:
                self.begin(w, self.state[w])

    def check(self, group):
        super().check(group)
        for option in ("lr_decay", "initial_accumulator_value"):
            nn.number(group[option], f"Adagrad: {option}", least=0)

    def begin(self, w, state):
        """Set up the state of the parameter `w`."""
        state["step"] = pg.tensor(0.0)
        state["sum"] = pg.full_like(w, self.defaults["initial_accumulator_value"],
                                    requires_grad=False)

    def update(self, w, g, state, group):
        if not state:
            self.begin(w, state)
        t = state["step"].item()
        state["step"] += 1
        adagrad(w, g, state["sum"], group["lr"] / (1 + t * group["lr_decay"]), group["eps"],
                group["weight_decay"])


@pg.hookimpl
def register_optimizers(register):
    register(Adagrad)
