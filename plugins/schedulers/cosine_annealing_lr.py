"""Half a cosine wave from the first learning rate down to the last."""

from math import cos, pi

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class CosineAnnealingLR(LRScheduler):
    """lr(t) = eta_min + (base_lr - eta_min) * (1 + cos(pi * t / T_max)) / 2   at epoch t

    (Loshchilov and Hutter, 2017)
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, got {T_max}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        # From the present rate, not from t alone: another schedule may act on the same optimizer.
        t, T, low = self.last_epoch, self.T_max, self.eta_min
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        if self.is_initial:
            return lrs
        wave = 1 + cos(pi * t / T)
        if (t - 1) % (2 * T) == T:                      # at the bottom, where the ratio is 0 / 0
            return [lr + (base - low) * wave / 2 for lr, base in zip(lrs, self.base_lrs)]
        return [low + (lr - low) * wave / (1 + cos(pi * (t - 1) / T)) for lr in lrs]

    def _get_closed_form_lr(self):
        wave = 1 + cos(pi * self.last_epoch / self.T_max)
        return [self.eta_min + (lr - self.eta_min) * wave / 2 for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(CosineAnnealingLR)
