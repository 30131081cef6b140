"""The training loop that everybody writes, with callbacks that may watch it."""

import math
from collections.abc import Iterable, Mapping
from contextlib import contextmanager

from plugrad.autograd import no_grad
from plugrad.data import Dataset, IterableDataset
from plugrad.nn import Module
from plugrad.optim import Optimizer
from plugrad.optim.lr_scheduler import LRScheduler
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import received
from plugrad.training.interrupt import Interrupt
from plugrad.training.observers import Observers


def accuracy(output, target):
    """The share of examples whose largest logit is at the target.

    output: (N, C, ...) logits   target: (N, ...) integers.   Raises ValueError for other shapes.
    """
    shape = tuple(output.shape)
    if len(shape) < 2 or shape[1] < 2 or shape[:1] + shape[2:] != tuple(target.shape):
        raise ValueError("accuracy: expected output (N, C) with C >= 2 and target (N,), got "
                         f"{shape} and {tuple(target.shape)}")
    return (output.argmax(1) == target).float().mean().item()


class Trainer:
    """Fits a model to data.

    loss: (output, target) -> a Tensor with one element, the mean over the batch.
    metrics: functions (output, target) -> a number, the mean over the batch; reported under their
    names, or under the keys of a dict.   callbacks: see `plugrad.callbacks.Events`.
    scheduler: stepped after every epoch.
    """

    def __init__(self, model, loss, optimizer, *, metrics=(), callbacks=(), scheduler=None):
        if not isinstance(model, Module):
            raise TypeError(f"Trainer: model must be an nn.Module, got {received(model)}")
        if not callable(loss) or isinstance(loss, type):
            raise TypeError(f"Trainer: loss must be callable, got {received(loss)}")
        if getattr(loss, "reduction", "mean") == "none":
            raise ValueError("Trainer: the loss has reduction='none' and gives many numbers; it "
                             "must give one: use reduction='mean'")
        if not isinstance(optimizer, Optimizer):
            raise TypeError("Trainer: optimizer must be an optim.Optimizer, got "
                            f"{received(optimizer)}")
        moved = {id(w) for group in optimizer.param_groups for w in group["params"]}
        if not any(id(w) in moved for w in model.parameters()):
            raise ValueError("Trainer: the optimizer has none of the model's parameters; make it "
                             "after the model, from model.parameters()")
        if scheduler is not None and not isinstance(scheduler, LRScheduler):
            raise TypeError("Trainer: scheduler must be an LRScheduler, got "
                            f"{received(scheduler)}")
        if scheduler is not None and scheduler.optimizer is not optimizer:
            raise ValueError("Trainer: the scheduler belongs to another optimizer")
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.metrics = named(metrics)
        self.observers = Observers(callbacks)
        self.stopping = False

    def stop(self):
        """End the run after this epoch; for callbacks."""
        self.stopping = True

    def fit(self, train, val=None, epochs=1):
        """Learn from `train` and try each epoch's result on `val`; both give pairs (x, y).

        Returns {"loss": [one number per epoch], "lr": [...], ...}, with every metric, and
        "val_" and its name where there is `val`.   Raises FloatingPointError if the loss is not a
        number.   Ctrl-C takes effect after a whole step.
        """
        if isinstance(epochs, bool) or not hasattr(epochs, "__index__") or epochs < 1:
            raise ValueError(f"Trainer.fit: epochs must be an int of at least 1, got {epochs!r}")
        check_batches("train", train)
        if val is not None:
            check_batches("val", val)
        if epochs > 1 and iter(train) is train:
            raise TypeError("Trainer.fit: train is an iterator, which can be read only once; pass "
                            "a list or a DataLoader")
        tell = self.observers.hook
        history = {}
        self.stopping = False
        with mode(self.model, training=True), Interrupt().caught() as interrupt:
            try:
                tell.on_fit_start(trainer=self, epochs=epochs)
                for epoch in range(1, epochs + 1):
                    batches = len(train) if hasattr(train, "__len__") else None
                    tell.on_epoch_start(trainer=self, epoch=epoch, batches=batches)
                    logs = self._learn(train, epoch, interrupt)
                    if val is not None:
                        logs |= {f"val_{name}": x for name, x in self.evaluate(val).items()}
                    for name, value in logs.items():
                        history.setdefault(name, []).append(value)
                    tell.on_epoch_end(trainer=self, epoch=epoch, logs=logs)
                    if self.stopping:
                        break
            finally:
                tell.on_fit_end(trainer=self)
        return history

    def _learn(self, train, epoch, interrupt):
        """One pass over `train`; returns the epoch's loss, metrics and learning rate."""
        model, loss_of, optimizer = self.model, self.loss, self.optimizer
        batch_start = self.observers.caller("on_batch_start")
        batch_end = self.observers.caller("on_batch_end")
        means = Means(self.metrics)
        for batch, (x, y) in enumerate(pairs(train), start=1):
            if batch_start is not None:
                batch_start(trainer=self, batch=batch)
            with interrupt:
                output = model(x)
                loss = loss_of(output, y)
                value = one_number("the loss", loss)
                if not isinstance(loss, Tensor):
                    raise TypeError(f"Trainer: the loss must be a Tensor, got "
                                    f"{type(loss).__name__}; without .item() it can go backward")
                if not math.isfinite(value):
                    raise FloatingPointError(f"the loss is {value} in batch {batch} of epoch "
                                             f"{epoch}: {self._blame(x)}")
                means.add(value, output.detach(), y)     # before the step: what fails, fails early
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            if batch_end is not None:
                batch_end(trainer=self, batch=batch, loss=value)
        logs = means.result() | {"lr": optimizer.param_groups[0]["lr"]}
        if self.scheduler is not None:
            self.scheduler.step()
        return logs

    def evaluate(self, data):
        """{"loss": ..., and every metric}: means over all examples of `data`, pairs (x, y)."""
        check_batches("data", data)
        self.observers.hook.on_evaluate_start(trainer=self)
        means = Means(self.metrics)
        with mode(self.model, training=False), no_grad():
            for x, y in pairs(data):
                output = self.model(x)
                means.add(one_number("the loss", self.loss(output, y)), output, y)
        logs = means.result()
        self.observers.hook.on_evaluate_end(trainer=self, logs=logs)
        return logs

    def _blame(self, x):
        """Where a loss that is no number comes from, and what to do."""
        if isinstance(x, Tensor) and not x.isfinite().all():
            return "the batch's input is not finite; clean the data"
        for name, w in self.model.named_parameters():
            if not w.isfinite().all():
                return (f"the steps before have driven {name} out of range; lower the learning "
                        f"rate, now {self.optimizer.param_groups[0]['lr']:g}")
        return ("input and parameters are finite, so the model or the loss overflows; look for "
                "log, exp, sqrt or a division, and try a lower learning rate")


def named(metrics):
    """{name: function} of the metrics, given as such or as a list of functions."""
    if not isinstance(metrics, Iterable) or isinstance(metrics, str):
        raise TypeError(f"Trainer: metrics must be a list of functions or a dict, got {metrics!r}; "
                        "put it in a list: metrics=[...]")
    pairs = (list(metrics.items()) if isinstance(metrics, Mapping)
             else [(getattr(metric, "__name__", None), metric) for metric in metrics])
    for name, metric in pairs:
        if not callable(metric) or isinstance(metric, type):
            got = received(metric) if isinstance(metric, type) else repr(metric)
            raise TypeError("Trainer: a metric must be a function (output, target) -> number, got "
                            f"{got}")
        if name is None:
            raise TypeError(f"Trainer: the metric {metric!r} has no name; give it one in a dict: "
                            "metrics={'name': ...}")
    names = [name for name, _ in pairs]
    for name in names:
        if name in ("loss", "lr") or names.count(name) > 1:
            raise ValueError(f"Trainer: the name {name!r} of a metric is taken; give another in a "
                             "dict: metrics={'name': ...}")
    return dict(pairs)


def check_batches(what, data):
    """Raise TypeError for data that cannot be gone through in batches."""
    if isinstance(data, Dataset) and not isinstance(data, IterableDataset):
        raise TypeError(f"Trainer: {what} must give batches, got the dataset "
                        f"{type(data).__name__}; wrap it: DataLoader(dataset, batch_size=...)")
    if not isinstance(data, Iterable):
        meant = f"; did you mean epochs={data}?" if isinstance(data, int) else ""
        raise TypeError(f"Trainer: {what} must be a DataLoader or another iterable of pairs "
                        f"(x, y), got {received(data)}{meant}")


def one_number(what, value):
    """The value as a float: a Tensor with one element, or for a metric a number."""
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError(f"Trainer: {what} must be one number, got shape {tuple(value.shape)}; "
                         "take the mean over the batch")
    try:
        return float(value)
    except (TypeError, ValueError):
        hint = "; does the function lack a return?" if value is None else ""
        raise TypeError(f"Trainer: {what} must be a number, got {value!r}{hint}") from None


class Means:
    """Means over all examples, from the means over each batch."""

    def __init__(self, metrics):
        self.metrics = metrics
        self.sums = dict.fromkeys(["loss", *metrics], 0.0)
        self.examples = 0

    def add(self, loss, output, y):
        n = len(y)
        self.examples += n
        self.sums["loss"] += n * loss
        for name, metric in self.metrics.items():
            self.sums[name] += n * one_number(f"metric {name!r}", metric(output, y))

    def result(self):
        if not self.examples:
            raise ValueError("Trainer: the data gave no batch; it is empty, or was read before")
        return {name: total / self.examples for name, total in self.sums.items()}


def pairs(batches):
    """The batches, each checked to be a pair."""
    for batch in batches:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            size = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
            raise TypeError("Trainer: every batch must be a pair (x, y), got a "
                            f"{type(batch).__name__}{size}")
        yield batch


@contextmanager
def mode(model, *, training):
    """Train or evaluate, then put every submodule back into the mode it was in."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, was_training in before:
            module.training = was_training
