"""Down to zero along a power of the time that is left."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class PolynomialLR(LRScheduler):
    """lr(t) = base_lr * (1 - t / total_iters) ** power, and 0 from epoch total_iters on."""

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t, T = self.last_epoch, self.total_iters
        change = 1.0
        if not self.is_initial and t <= T:
            change = ((1 - t / T) / (1 - (t - 1) / T)) ** self.power
        return [group["lr"] * change for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        left = 1 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [lr * left ** self.power for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(PolynomialLR)
