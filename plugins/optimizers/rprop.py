"""Rprop: only the sign of a slope counts."""

import plugrad as pg
from plugrad.optim import Optimizer


class Rprop(Optimizer):
    """Every weight has a step size s, which grows as long as its slope keeps its sign.

        s <- clamp(s * eta, *step_sizes)       eta: etas[1] where g keeps its sign, etas[0] where
        w <- w - s * sign(g)                   it changes (and g counts as 0), 1 where either is 0

    s is lr at the start.  For gradients of all data, not of batches.
    (Riedmiller and Braun, 1993)
    """

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *,
                 capturable=False, foreach=None, maximize=False, differentiable=False):
        super().__init__(params, {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "capturable": capturable,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable})

    def check(self, group):
        super().check(group)
        self.pair(group, "step_sizes")
        down, up = self.pair(group, "etas")
        if not 0 < down < 1 < up:
            raise ValueError(f"Rprop: expected etas to be a number between 0 and 1 and one above "
                             f"1, got {group['etas']}")

    def update(self, w, g, state, group):
        down, up = group["etas"]
        if not state:
            state["step"] = pg.tensor(0.0)
            state["prev"] = pg.zeros_like(w)
            state["step_size"] = pg.full_like(g, float(group["lr"]))
        state["step"] += 1
        same = g * state["prev"]
        factor = pg.where(same > 0, up, pg.where(same < 0, down, pg.ones_like(g)))
        state["step_size"] = (state["step_size"] * factor).clamp(*group["step_sizes"])
        state["prev"] = pg.where(same < 0, 0.0, g)
        w.addcmul_(state["prev"].sign(), state["step_size"], value=-1)


@pg.hookimpl
def register_optimizers(register):
    register(Rprop)
