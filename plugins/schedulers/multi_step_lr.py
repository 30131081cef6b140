"""A staircase whose steps are given."""

from bisect import bisect_right
from collections import Counter

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class MultiStepLR(LRScheduler):
    """lr <- gamma * lr, at every epoch of `milestones`; twice at one that is there twice."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        factor = self.gamma ** self.milestones[self.last_epoch]
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [lr * self.gamma ** passed for lr in self.base_lrs]

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, [3, 9], gamma=0.5)


@pg.hookimpl
def register_schedulers(register):
    register(MultiStepLR)
