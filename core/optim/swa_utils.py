"""Averages of a model's weights along its way, which often do better than its last weights."""

from copy import deepcopy
from itertools import chain
from numbers import Real

from plugrad.autograd import no_grad
from plugrad.nn import BatchNorm, Module
from plugrad.ops.create import tensor
from plugrad.optim import lr_scheduler
from plugrad.tensor.arguments import instance
from plugrad.tensor.dtypes import int64
from plugrad.tensor.words import received

__all__ = ["SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn",      # noqa: F822
           "get_swa_avg_fn", "get_swa_multi_avg_fn", "update_bn"]


def __getattr__(name):
    if name == "SWALR":                    # a plugin, as all schedulers are
        return lr_scheduler.SWALR
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def checked(decay):
    if not isinstance(decay, Real):
        raise TypeError(f"expected decay to be a number between 0 and 1, got {decay!r}")
    if not 0 <= decay <= 1:
        raise ValueError(f"expected decay to be a number between 0 and 1, got {decay}")
    return decay


def get_swa_avg_fn():
    """f(averaged, current, n) = averaged + (current - averaged) / (n + 1): the plain average."""
    @no_grad()
    def average(averaged_param, current_param, num_averaged):
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return average


def get_ema_avg_fn(decay=0.999):
    """f(averaged, current, n) = decay * averaged + (1 - decay) * current: the exponential one."""
    checked(decay)

    @no_grad()
    def average(ema_param, current_param, num_averaged):
        return decay * ema_param + (1 - decay) * current_param

    return average


def get_swa_multi_avg_fn():
    """As get_swa_avg_fn, but f writes into a list of averages."""
    one = get_swa_avg_fn()

    @no_grad()
    def average(averaged_param_list, current_param_list, num_averaged):
        share = float(1 / (num_averaged + 1))
        for averaged, current in zip(averaged_param_list, current_param_list, strict=True):
            if averaged.is_floating_point():
                averaged.lerp_(current, share)
            else:
                averaged.copy_(one(averaged, current, num_averaged))

    return average


def get_ema_multi_avg_fn(decay=0.999):
    """As get_ema_avg_fn, but f writes into a list of averages."""
    one = get_ema_avg_fn(decay)

    @no_grad()
    def average(ema_param_list, current_param_list, num_averaged):
        for averaged, current in zip(ema_param_list, current_param_list, strict=True):
            if averaged.is_floating_point():
                averaged.lerp_(current, 1 - decay)
            else:
                averaged.copy_(one(averaged, current, num_averaged))

    return average


class AveragedModel(Module):
    """A copy of a model that `update_parameters(model)` moves towards it (Izmailov et al., 2018).

    avg_fn(averaged, current, n) gives the new average of one parameter after n of them,
    multi_avg_fn writes those of a list of one dtype; without both it is the plain average.
    use_buffers: average buffers as well; else they are those of the last model, and update_bn
    finds better ones.   Raises AssertionError if both functions are given.
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("AveragedModel: expected avg_fn or multi_avg_fn, got both")
        for function in (avg_fn, multi_avg_fn):
            if function is not None and not callable(function):
                raise TypeError("AveragedModel: expected functions to average with, got "
                                f"{received(function)}")
        self.module = deepcopy(instance(model, Module, "AveragedModel"))
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, dtype=int64))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model):
        """Take the model's weights into the average; the first time, take them over."""
        pairs = list(zip(self.averaged(self.module), self.averaged(model), strict=True))
        if self.n_averaged.item() == 0:
            for averaged, current in pairs:
                averaged.copy_(current)
        elif self.multi_avg_fn is None:
            average = self.avg_fn or get_swa_avg_fn()
            for averaged, current in pairs:
                averaged.copy_(average(averaged, current, self.n_averaged))
        else:
            for dtype in dict.fromkeys(averaged.dtype for averaged, _ in pairs):
                ours, theirs = zip(*(pair for pair in pairs if pair[0].dtype is dtype), strict=True)
                self.multi_avg_fn(list(ours), list(theirs), self.n_averaged)
        if not self.use_buffers:
            for ours, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
                ours.copy_(theirs)
        self.n_averaged += 1

    def averaged(self, model):
        """The tensors of a model that are averaged, without their history."""
        instance(model, Module, "AveragedModel.update_parameters")
        tensors = chain(model.parameters(), model.buffers() if self.use_buffers else ())
        return (x.detach() for x in tensors)


@no_grad()
def update_bn(loader, model, device=None):
    """Find the running mean and variance of every BatchNorm anew, from all batches of the loader.

    A batch is the model's input, or a list or tuple whose first element is that.
    """
    instance(model, Module, "update_bn")
    norms = [module for module in model.modules() if isinstance(module, BatchNorm)]
    if not norms:
        return
    momenta, was_training = [norm.momentum for norm in norms], model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None               # the plain average of all batches
    for batch in loader:
        x = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(x if device is None else x.to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)
