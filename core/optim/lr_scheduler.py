"""Learning-rate schedules: their contract, and the namespace that offers them."""

from types import FunctionType

from plugrad.optim.optimizer import Optimizer
from plugrad.plugin.namespace import namespace
from plugrad.tensor.words import SetByInit, described, received, warn

__all__ = ["LRScheduler", "check_schedulers", "per_group"]
__getattr__, __dir__ = namespace(__name__, kinds=("schedulers",))


class LRScheduler:
    """Sets the learning rate of every parameter group, once at the start and at every `step()`.

    A subclass keeps its options, calls `super().__init__(optimizer, last_epoch)` and writes
    `get_lr`.   base_lrs: the rates at the start, one per group.   last_epoch: how often it was
    stepped; to resume a run, pass the last one that was finished.
    """

    is_initial = False                      # whether the constructor asks for the first rates
    needs_metrics = False                   # whether step wants the loss: step(metrics)
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
        try:
            self._initial_step()
        except AttributeError as error:
            if error.obj is not self:
                raise
            raise AttributeError(
                f"{type(self).__name__}.get_lr needs {error.name!r} when super().__init__() asks "
                f"for the first rates: set self.{error.name} before super().__init__()") from error

    def _initial_step(self):
        """Set the first rates; SequentialLR does so once more."""
        self._step_count = 0
        self.is_initial = True
        try:
            self.step()
        finally:
            del self.is_initial

    def get_lr(self):
        """The rates for `last_epoch`, one per parameter group."""
        raise NotImplementedError(f"{type(self).__name__} must define get_lr(self)")

    def get_last_lr(self):
        """The rates in force, one per parameter group."""
        return self._last_lr

    def step(self, epoch=None):
        """Go on to the next epoch.  Call it after the optimizer's step.

        epoch: go there instead, from any other epoch (deprecated).
        """
        if self._step_count == 1 and not self.optimizer.step_count:
            warn(f"{type(self).__name__}.step() was called before the first optimizer.step(), so "
                 "the first learning rate is skipped; call optimizer.step() first")
        self._step_count += 1
        if epoch is not None:
            self.warn_of_epoch()
        self._update_lr(epoch)

    def warn_of_epoch(self):
        """Warn of an epoch that step was given; for a subclass that defines step itself."""
        warn(f"{type(self).__name__}.step: the epoch is deprecated; leave it out, or load a "
             "state_dict to go on from a later one")

    def _update_lr(self, epoch=None):
        """Set the rates of the next epoch, or those of `epoch`: from scratch, if there is a form
        that does not need those of the epoch before."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        jumps = epoch is not None and hasattr(self, "_get_closed_form_lr")
        self._set_lr(self._get_closed_form_lr() if jumps else self.get_lr())

    def _set_lr(self, lrs):
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Everything but the optimizer, as a dict: of functions nothing, of other objects that can
        be called and of schedulers inside what they hold themselves."""
        return {key: saved(value) for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` returned.  The rates themselves are in the optimizer's."""
        for key, value in state_dict.items():
            setattr(self, key, loaded(vars(self).get(key), value))

    def __repr__(self):
        return described(self, skip=("optimizer",))


_LRScheduler = LRScheduler              # the name in ported code


def saved(value):
    """What a state_dict keeps of an attribute."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(saved, value))
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if callable(value):
        return None if isinstance(value, FunctionType) else dict(getattr(value, "__dict__", {}))
    return value


def loaded(ours, value):
    """The attribute that comes of ours and of what `saved` made of another scheduler's."""
    if isinstance(ours, (list, tuple)) and len(ours) == len(value):
        return type(ours)(map(loaded, ours, value))
    if isinstance(ours, LRScheduler):
        ours.load_state_dict(value)
        return ours
    if callable(ours):
        if value:
            vars(ours).update(value)
        return ours
    return value


def per_group(value, optimizer, what):
    """A list with one value for each parameter group; value: one for all, or a list of them.

    what: how an error calls it, such as "OneCycleLR: max_lr".   Raises TypeError for what is no
    optimizer, ValueError for a list of another length.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{what.partition(':')[0]}: expected an Optimizer, got "
                        f"{received(optimizer)}")
    n = len(optimizer.param_groups)
    values = list(value) if isinstance(value, (list, tuple)) else [value] * n
    if len(values) != n:
        raise ValueError(f"{what}: expected one for all parameter groups or a list of {n}, one for "
                         f"each, got {len(values)}")
    return values


def check_schedulers(schedulers, optimizer, what):
    """Raises unless these are schedulers, at least one, of this optimizer; what: who joins them."""
    if len(schedulers) < 1:
        raise ValueError(f"{what}: expected at least one scheduler, got none")
    for i, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, LRScheduler):
            raise TypeError(f"{what}: expected a scheduler at index {i}, got {received(scheduler)}")
        if scheduler.needs_metrics:
            raise ValueError(f"{what}: {type(scheduler).__name__} at index {i} has a step that "
                             "wants the loss, which is not known here; step it on its own")
        if optimizer is not None and scheduler.optimizer is not optimizer:
            raise ValueError(f"{what}: the {type(scheduler).__name__} at index {i} belongs to "
                             "another optimizer; make all schedulers for the same one")
