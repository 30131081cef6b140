"""A little lower every epoch."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class ExponentialLR(LRScheduler):
    """lr <- gamma * lr, every epoch."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        factor = 1 if self.is_initial else self.gamma
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        return [lr * self.gamma ** self.last_epoch for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(ExponentialLR)
