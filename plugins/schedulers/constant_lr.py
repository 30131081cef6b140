"""Small at first, and at once as it should be."""

import plugrad as pg
from plugrad import nn
from plugrad.optim.lr_scheduler import LRScheduler


class ConstantLR(LRScheduler):
    """lr = factor * base_lr before epoch total_iters, base_lr from there on.

    Raises ValueError unless factor is between 0 and 1.
    """

    def __init__(self, optimizer, factor=1 / 3, total_iters=5, last_epoch=-1):
        self.factor = nn.number(factor, "ConstantLR: factor", 0, 1)
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        change = 1
        if self.last_epoch == 0:
            change = self.factor
        elif self.last_epoch == self.total_iters:
            change = 1 / self.factor
        return [group["lr"] * change for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        factor = self.factor if self.last_epoch < self.total_iters else 1
        return [lr * factor for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(ConstantLR)
