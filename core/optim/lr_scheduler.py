"""Learning-rate schedules: their contract, and the namespace that offers them."""

from plugrad.namespace import namespace
from plugrad.optim.optimizer import Optimizer
from plugrad.words import SetByInit, described, received, warn

__all__ = ["LRScheduler"]
__getattr__, __dir__ = namespace(__name__, kinds=("schedulers",))


class LRScheduler:
    """Sets the learning rate of every parameter group, once at the start and at every `step()`.

    A subclass keeps its options, calls `super().__init__(optimizer, last_epoch)` and writes
    `get_lr`.   base_lrs: the rates at the start, one per group.   last_epoch: how often it was
    stepped; to resume a run, pass the last one that was finished.
    """

    optimizer = SetByInit("super().__init__(optimizer, last_epoch)")
    _step_count = SetByInit("super().__init__(optimizer, last_epoch)")

    def __init__(self, optimizer, last_epoch=-1):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: expected an Optimizer, got "
                            f"{received(optimizer)}")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"{type(self).__name__}: parameter group {i} has no 'initial_lr', "
                               f"which last_epoch={last_epoch} needs; load the optimizer's "
                               "state_dict first, or leave last_epoch out")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        try:
            self.step()
        except AttributeError as error:
            if error.obj is not self:
                raise
            raise AttributeError(
                f"{type(self).__name__}.get_lr needs {error.name!r} when super().__init__() asks "
                f"for the first rates: set self.{error.name} before super().__init__()") from error

    @property
    def is_initial(self):
        """Whether get_lr is being asked for the first time, by the constructor."""
        return self._step_count == 1

    def get_lr(self):
        """The rates for `last_epoch`, one per parameter group."""
        raise NotImplementedError(f"{type(self).__name__} must define get_lr(self)")

    def get_last_lr(self):
        """The rates in force, one per parameter group."""
        return self._last_lr

    def step(self):
        """Go on to the next epoch.  Call it after the optimizer's step."""
        if self._step_count == 1 and not self.optimizer.step_count:
            warn(f"{type(self).__name__}.step() was called before the first optimizer.step(), so "
                 "the first learning rate is skipped; call optimizer.step() first")
        self._step_count += 1
        self.last_epoch += 1
        for group, lr in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Everything but the optimizer, as a dict."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` returned.  The rates themselves are in the optimizer's."""
        vars(self).update(state_dict)

    def __repr__(self):
        return described(self, skip=("optimizer",))
