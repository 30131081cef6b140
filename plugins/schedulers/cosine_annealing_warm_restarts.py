"""Half a cosine wave again and again, each as long as the last or longer."""

from math import cos, floor, log, pi

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2

    T_cur: epochs since the last restart.   T_i: epochs between two, first T_0, then T_mult times
    as many each time.   step(epoch) goes to any epoch, which may be a fraction.
    (Loshchilov and Hutter, 2017)
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"CosineAnnealingWarmRestarts: {name}: expected an int of at "
                                 f"least 1, got {value!r}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"CosineAnnealingWarmRestarts: eta_min: expected a number, got "
                             f"{eta_min!r}")
        self.T_0 = self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        wave = 1 + cos(pi * self.T_cur / self.T_i)
        return [self.eta_min + (lr - self.eta_min) * wave / 2 for lr in self.base_lrs]

    def step(self, epoch=None):
        """Go on to the next epoch, or to `epoch`."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = epoch or 0
            self._go_to(epoch)
        self.last_epoch = floor(epoch)
        self._set_lr(self.get_lr())

    def _go_to(self, epoch):
        if epoch < 0:
            raise ValueError(f"CosineAnnealingWarmRestarts: epoch: expected at least 0, got "
                             f"{epoch}")
        if self.T_mult == 1 and epoch >= self.T_0:
            self.T_cur = epoch % self.T_0
            return
        n = 0                                       # restarts so far
        if epoch >= self.T_0:
            n = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
        self.T_i = self.T_0 * self.T_mult ** n
        self.T_cur = epoch - (self.T_i - self.T_0) / (self.T_mult - 1) if n else epoch

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, T_0=3, T_mult=2)


@pg.hookimpl
def register_schedulers(register):
    register(CosineAnnealingWarmRestarts)
