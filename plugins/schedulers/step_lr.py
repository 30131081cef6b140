"""A staircase down."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class StepLR(LRScheduler):
    """lr <- gamma * lr, every step_size epochs."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be at least 1, got {step_size}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        falls = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return [group["lr"] * (self.gamma if falls else 1)
                for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        return [lr * self.gamma ** (self.last_epoch // self.step_size) for lr in self.base_lrs]


@pg.hookimpl
def register_schedulers(register):
    register(StepLR)
