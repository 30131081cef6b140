"""Once up and far down: a whole training as one cycle."""

# Longer than most: PyTorch's has thirteen arguments, which may contradict one another.
from bisect import bisect_left
from math import cos, pi

import plugrad as pg
from plugrad import nn
from plugrad.optim.lr_scheduler import LRScheduler, per_group


class OneCycleLR(LRScheduler):
    """lr rises from max_lr / div_factor to max_lr in pct_start of all steps, then falls to

    max_lr / div_factor / final_div_factor; with three_phase first back, as fast as it rose.
    momentum goes the other way between max_momentum and base_momentum.   Steps: total_steps, or
    epochs * steps_per_epoch; step() once a batch.   (Smith and Topin, 2018)
    """

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None,
                 pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
                 max_momentum=0.95, div_factor=25.0, final_div_factor=1e4, three_phase=False,
                 last_epoch=-1):
        max_lrs = per_group(max_lr, optimizer, "OneCycleLR: max_lr")
        self.total_steps = steps_of(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start: expected a float between 0 and 1, got "
                             f"{pct_start!r}")
        self._anneal_func_type = nn.choice(anneal_strategy, "OneCycleLR: anneal_strategy",
                                           ("cos", "linear"))
        top = float(pct_start * self.total_steps) - 1
        up, rest = ("initial_lr", "max_momentum"), ("min_lr", "max_momentum")
        peak, last = ("max_lr", "base_momentum"), self.total_steps - 1
        down = [(2 * top, peak, up), (last, up, rest)] if three_phase else [(last, peak, rest)]
        self._schedule_phases = [phase(*part) for part in [(top, up, peak), *down]]
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.use_beta1 = "betas" in optimizer.defaults
            if not self.use_beta1 and "momentum" not in optimizer.defaults:
                raise ValueError(f"OneCycleLR: {type(optimizer).__name__} has neither momentum nor "
                                 "betas; write cycle_momentum=False")
        low = per_group(base_momentum, optimizer, "OneCycleLR: base_momentum")
        high = per_group(max_momentum, optimizer, "OneCycleLR: max_momentum")
        if last_epoch == -1:
            for group, lr, m, M in zip(optimizer.param_groups, max_lrs, low, high):
                group["initial_lr"] = lr / div_factor
                group["max_lr"] = lr
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    group["max_momentum"], group["base_momentum"] = M, m
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} is beyond total_steps={self.total_steps}; "
                             "call step() once a batch, and give the number of all batches")
        ends = [part["end_step"] for part in self._schedule_phases]
        i = min(bisect_left(ends, t), len(ends) - 1)        # step total_steps is beyond all ends
        start, part = ends[i - 1] if i else 0.0, self._schedule_phases[i]
        way = (t - start) / (ends[i] - start)
        way = (1 - cos(pi * way)) / 2 if self._anneal_func_type == "cos" else way
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            momentum = between(group, part["start_momentum"], part["end_momentum"], way)
            if self.use_beta1:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum
        return [between(group, part["start_lr"], part["end_lr"], way)
                for group in self.optimizer.param_groups]

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, 0.5, total_steps=30, cycle_momentum=False)


def phase(end_step, start, end):
    """A part of the cycle: where it ends, and the options of a group that it leads from and to."""
    return {"end_step": end_step, "start_lr": start[0], "end_lr": end[0],
            "start_momentum": start[1], "end_momentum": end[1]}


def between(group, a, b, way):
    """The number that far from one option of the group to another."""
    return group[a] + (group[b] - group[a]) * way


def steps_of(total_steps, epochs, steps_per_epoch):
    """The number of all steps.  Raises ValueError unless it is told in one of the two ways."""
    if total_steps is None and None in (epochs, steps_per_epoch):
        raise ValueError("OneCycleLR: expected total_steps, or both epochs and steps_per_epoch")
    given = [epochs, steps_per_epoch] if total_steps is None else [total_steps, 1]
    for n in given:
        if not isinstance(n, int) or n < 1:
            raise ValueError(f"OneCycleLR: expected an int of at least 1 for total_steps, epochs "
                             f"and steps_per_epoch, got {n!r}")
    return given[0] * given[1]


@pg.hookimpl
def register_schedulers(register):
    register(OneCycleLR)
