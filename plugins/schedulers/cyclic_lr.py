"""Up and down between two rates, again and again."""

from math import floor

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler, per_group

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(LRScheduler):
    """lr = base_lr + scale * h * (max_lr - base_lr);  h rises from 0 to 1 and falls back to 0

    in step_size_up and step_size_down steps.   scale: 1 (triangular), halved every cycle
    (triangular2), gamma ** step (exp_range), or scale_fn of the cycle or, with
    scale_mode="iterations", of the step.   momentum falls as lr rises.   (Smith, 2017)
    """

    def __init__(self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None,
                 mode="triangular", gamma=1.0, scale_fn=None, scale_mode="cycle",
                 cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1):
        base_lrs = per_group(base_lr, optimizer, "CyclicLR: base_lr")
        self.max_lrs = per_group(max_lr, optimizer, "CyclicLR: max_lr")
        if scale_fn is None and mode not in MODES:
            raise ValueError(f"CyclicLR: mode: expected one of {', '.join(MODES)}, got {mode!r}; "
                             "or give scale_fn")
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = scale_mode
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.use_beta1 = "betas" in optimizer.defaults
            if not self.use_beta1 and "momentum" not in optimizer.defaults:
                raise ValueError(f"CyclicLR: {type(optimizer).__name__} has neither momentum nor "
                                 "betas; write cycle_momentum=False")
            self.base_momentums = per_group(base_momentum, optimizer, "CyclicLR: base_momentum")
            self.max_momentums = per_group(max_momentum, optimizer, "CyclicLR: max_momentum")
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x):
        """The height of a cycle, as a fraction."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return {"triangular": 1.0, "triangular2": 2.0 ** (1 - x),
                "exp_range": self.gamma ** x}[self.mode]

    def get_lr(self):
        cycle = floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle               # how much of it is over
        h = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        h *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group, low, high in zip(self.optimizer.param_groups, self.base_momentums,
                                        self.max_momentums):
                momentum = high - h * (high - low)
                if self.use_beta1:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
        return [low + h * (high - low) for low, high in zip(self.base_lrs, self.max_lrs)]

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, 0.1, 0.5, step_size_up=3, cycle_momentum=False)


@pg.hookimpl
def register_schedulers(register):
    register(CyclicLR)
