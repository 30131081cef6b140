"""Lower when the loss has stopped falling."""

from math import inf

import plugrad as pg
from plugrad import nn
from plugrad.optim.lr_scheduler import LRScheduler, per_group


class ReduceLROnPlateau(LRScheduler):
    """lr <- max(factor * lr, min_lr) after more than `patience` epochs without a better loss.

    step(metrics) wants the loss, or with mode="max" what shall grow.   Better is what beats the
    best by `threshold`, a fraction of it ("rel") or a number ("abs").   cooldown: epochs after a
    change that do not count.   A change of at most eps is left out.   Raises ValueError.
    """

    needs_metrics = True

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4,
                 threshold_mode="rel", cooldown=0, min_lr=0, eps=1e-8):
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, got {factor}")
        self.min_lrs = per_group(min_lr, optimizer, "ReduceLROnPlateau: min_lr")
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.mode = nn.choice(mode, "ReduceLROnPlateau: mode", ("min", "max"))
        self.threshold_mode = nn.choice(threshold_mode, "ReduceLROnPlateau: threshold_mode",
                                        ("rel", "abs"))
        self.factor, self.patience, self.threshold = factor, patience, threshold
        self.cooldown, self.eps = cooldown, eps
        self.optimizer = optimizer
        self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]
        self.best = self.mode_worse = inf if mode == "min" else -inf
        self.cooldown_counter = self.num_bad_epochs = 0

    def step(self, metrics, epoch=None):
        """Count the epoch as good or bad by its loss, a number or a tensor of one."""
        current = float(metrics)
        if epoch is not None:
            self.warn_of_epoch()
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.num_bad_epochs += 1
        if self.is_better(current, self.best):
            self.best = current
            self.num_bad_epochs = 0
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        if self.num_bad_epochs > self.patience:
            lrs = self._lower(lrs)
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._set_lr(lrs)

    @property
    def in_cooldown(self):
        return self.cooldown_counter > 0

    def is_better(self, a, best):
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            return sign * a > sign * best * (1 + sign * self.threshold)
        return sign * a > sign * best + self.threshold

    def _lower(self, lrs):
        if self.default_min_lr is not None:                 # there may be more groups by now
            self.min_lrs = [self.default_min_lr] * len(lrs)
        if len(lrs) != len(self.min_lrs):
            raise RuntimeError(f"ReduceLROnPlateau: min_lr has {len(self.min_lrs)} numbers, the "
                               f"optimizer {len(lrs)} parameter groups by now; change .min_lrs")
        lower = [max(lr * self.factor, low) for lr, low in zip(lrs, self.min_lrs)]
        return [new if old - new > self.eps else old for old, new in zip(lrs, lower)]


@pg.hookimpl
def register_schedulers(register):
    register(ReduceLROnPlateau)
