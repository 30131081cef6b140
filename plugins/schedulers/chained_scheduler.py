"""Schedules at the same time: their factors multiply."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler, check_schedulers


class ChainedScheduler(LRScheduler):
    """Steps all `schedulers`, one after another, at every epoch.

    Raises ValueError for schedulers of different optimizers and for ReduceLROnPlateau.
    """

    def __init__(self, schedulers, optimizer=None):
        optimizer = optimizer or getattr(next(iter(schedulers), None), "optimizer", None)
        check_schedulers(schedulers, optimizer, "ChainedScheduler")
        self._schedulers = schedulers
        self.optimizer = optimizer
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self):
        """Go on to the next epoch.  Call it after the optimizer's step."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    @classmethod
    def example(cls, optimizer):
        lr_scheduler = pg.optim.lr_scheduler
        return cls([lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=3),
                    lr_scheduler.ExponentialLR(optimizer, gamma=0.9)])


@pg.hookimpl
def register_schedulers(register):
    register(ChainedScheduler)
