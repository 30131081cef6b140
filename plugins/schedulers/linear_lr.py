"""A straight line from one fraction of the learning rate to another: a warm-up."""

import plugrad as pg
from plugrad import nn
from plugrad.optim.lr_scheduler import LRScheduler


class LinearLR(LRScheduler):
    """lr(t) = base_lr * (start_factor + (end_factor - start_factor) * min(1, t / total_iters))

    Raises ValueError unless both factors are between 0 and 1, and start_factor above 0.
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5,
                 last_epoch=-1):
        self.start_factor = nn.number(start_factor, "LinearLR: start_factor", 0, 1)
        if start_factor == 0:
            raise ValueError("LinearLR: start_factor: expected a number above 0, got 0")
        self.end_factor = nn.number(end_factor, "LinearLR: end_factor", 0, 1)
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        # From the present rate: its factor grows by the same amount at every epoch.
        t, T, start, rise = (self.last_epoch, self.total_iters, self.start_factor,
                             self.end_factor - self.start_factor)
        change = 1.0
        if t == 0:
            change = start
        elif not self.is_initial and t <= T:
            change = 1 + rise / (T * start + (t - 1) * rise)
        return [group["lr"] * change for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        way = min(self.total_iters, self.last_epoch) / self.total_iters
        factor = self.start_factor + (self.end_factor - self.start_factor) * way
        return [lr * factor for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(LinearLR)
