"""A schedule whose steps are a function of the epoch."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler, per_group


class MultiplicativeLR(LRScheduler):
    """lr <- lr_lambda(t) * lr   at every epoch t > 0

    lr_lambda: a function, or a list of one for each parameter group.   Its state_dict holds no
    functions, but what objects that can be called keep.   Raises TypeError and ValueError.
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = per_group(lr_lambda, optimizer, "MultiplicativeLR: lr_lambda")
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"MultiplicativeLR: lr_lambda: expected a function, got "
                                f"{function!r}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        if self.is_initial:
            return lrs
        return [lr * factor(self.last_epoch) for lr, factor in zip(lrs, self.lr_lambdas)]

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, lambda epoch: 0.9)


@pg.hookimpl
def register_schedulers(register):
    register(MultiplicativeLR)
