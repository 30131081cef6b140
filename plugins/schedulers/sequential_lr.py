"""Schedules one after another: a warm-up and what comes then."""

from bisect import bisect_right

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler, check_schedulers


class SequentialLR(LRScheduler):
    """The first of `schedulers` before epoch milestones[0], the next before milestones[1], ...

    Each begins at its own epoch 0.   Raises ValueError for schedulers of another optimizer, for
    ReduceLROnPlateau, and unless there is one milestone less than schedulers.
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        check_schedulers(schedulers, optimizer, "SequentialLR")
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR: expected one milestone between each two schedulers, "
                             f"got {len(schedulers)} schedulers and {len(milestones)} milestones")
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        # Each scheduler has set its own first rates: only those of the first one count.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self.undo(self)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def undo(self, scheduler):
        """Take back the first step of all schedulers inside this one."""
        for inner in getattr(scheduler, "_schedulers", ()):
            if not hasattr(inner, "_schedulers"):
                inner.last_epoch -= 1
            self.undo(inner)

    def step(self):
        """Go on to the next epoch.  Call it after the optimizer's step."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    @classmethod
    def example(cls, optimizer):
        lr_scheduler = pg.optim.lr_scheduler
        return cls(optimizer, [lr_scheduler.LinearLR(optimizer, total_iters=3),
                               lr_scheduler.ExponentialLR(optimizer, gamma=0.5)], [4])


@pg.hookimpl
def register_schedulers(register):
    register(SequentialLR)
