"""A schedule that is a function of the epoch."""

import plugrad as pg
from plugrad.optim.lr_scheduler import LRScheduler, per_group


class LambdaLR(LRScheduler):
    """lr(t) = base_lr * lr_lambda(t)   at epoch t

    lr_lambda: a function, or a list of one for each parameter group.   Its state_dict holds no
    functions, but what objects that can be called keep.   Raises TypeError and ValueError.
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = per_group(lr_lambda, optimizer, "LambdaLR: lr_lambda")
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"LambdaLR: lr_lambda: expected a function, got {function!r}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * factor(self.last_epoch) for lr, factor in zip(self.base_lrs, self.lr_lambdas)]

    @classmethod
    def example(cls, optimizer):
        return cls(optimizer, lambda epoch: 1 / (1 + epoch))


@pg.hookimpl
def register_schedulers(register):
    register(LambdaLR)
