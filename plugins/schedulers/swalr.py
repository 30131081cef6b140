"""SWALR: from wherever the learning rate is to one that stays, to average the weights there."""

from math import cos, pi

import plugrad as pg
from plugrad import nn
from plugrad.optim.lr_scheduler import LRScheduler


class SWALR(LRScheduler):
    """lr(t) = a * swa_lr + (1 - a) * lr(0) within anneal_epochs, then swa_lr

    a = (1 - cos(pi * t / anneal_epochs)) / 2, with anneal_strategy="linear" t / anneal_epochs.
    swa_lr: a rate, or one for each parameter group.   (Izmailov et al., 2018)
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        groups = optimizer.param_groups
        rates = list(swa_lr) if isinstance(swa_lr, (list, tuple)) else [swa_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(f"SWALR: expected one swa_lr, or {len(groups)}, as many as parameter "
                             f"groups, got {len(rates)}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError("SWALR: expected anneal_epochs to be a whole number, at least 0, got "
                             f"{anneal_epochs!r}")
        self._anneal_strategy = nn.choice(anneal_strategy, "SWALR: anneal_strategy",
                                          ("cos", "linear"))
        for group, rate in zip(groups, rates):
            group["swa_lr"] = rate
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        # From the present rate, not from t alone: another schedule may act on the same optimizer.
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self.share(step - 1), self.share(step)
        rates = []
        for group in self.optimizer.param_groups:
            lr, last = group["lr"], group["swa_lr"]
            start = last if before == 1 else (lr - before * last) / (1 - before)
            rates.append(now * last + (1 - now) * start)
        return rates

    def share(self, step):
        """The part of the way that is done by then, 0 to 1."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - cos(pi * t)) / 2


@pg.hookimpl
def register_schedulers(register):
    register(SWALR)
