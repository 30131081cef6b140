"""Callbacks: what may be observed of a training run, and the contract of those who observe."""

import inspect
from collections.abc import Iterable
from difflib import get_close_matches

import pluggy
from plugrad.plugin.hookspecs import PROJECT, trace_if_asked
from plugrad.tensor.words import described, received

event = pluggy.HookspecMarker(PROJECT)


class Events:
    """Every event of a run, in order.  `trainer` has the model, optimizer and the rest."""

    @event
    def on_fit_start(self, trainer, epochs):
        """Before the first of `epochs` epochs."""

    @event
    def on_epoch_start(self, trainer, epoch, batches):
        """Before epoch number `epoch` (from 1) of `batches` batches (None if not known)."""

    @event
    def on_batch_start(self, trainer, batch):
        """Before batch number `batch` (from 1) of this epoch."""

    @event
    def on_batch_end(self, trainer, batch, loss):
        """After the optimizer's step; `loss` is the batch's, a float."""

    @event
    def on_evaluate_start(self, trainer):
        """Before the model is tried on data that it does not learn from."""

    @event
    def on_evaluate_end(self, trainer, logs):
        """After that; `logs` holds the loss and the metrics."""

    @event
    def on_epoch_end(self, trainer, epoch, logs):
        """After an epoch; `logs` holds loss, lr, the metrics, and val_loss, ... where there are."""

    @event
    def on_fit_end(self, trainer):
        """When the run is over, be it with an exception."""


EVENTS = {name: tuple(inspect.signature(method).parameters)[1:]
          for name, method in vars(Events).items() if name.startswith("on_")}


class Callback:
    """Observes a training run: define a method for each event that you want to hear of.

    The events are those of `Events`; a method names the arguments it wants, in any order:
    `def on_epoch_end(self, epoch, logs): ...`.   Raises TypeError for an event or an argument
    that does not exist.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name, method in vars(cls).items():
            if name in EVENTS:
                check_arguments(cls, name, method)
            elif name.startswith("on_") or (
                    callable(method) and get_close_matches(name, EVENTS, cutoff=0.85)):
                near = get_close_matches(name, EVENTS, n=1, cutoff=0)[0]
                raise TypeError(f"{cls.__name__}.{name}: there is no such event; did you mean "
                                f"{near}? The events are {', '.join(EVENTS)}")

    def __repr__(self):
        return described(self)


def check_arguments(cls, name, method):
    """Raise TypeError unless `method` can be called with the arguments of that event."""
    known = EVENTS[name]
    if not inspect.isfunction(method):
        raise TypeError(f"{cls.__name__}.{name} must be a plain Python method, def {name}(self, "
                        f"...), got {type(method).__name__}")
    first, *arguments = inspect.signature(method).parameters.values() or [None]
    if first is None or first.name != "self":
        raise TypeError(f"{cls.__name__}.{name}: the first argument must be self, got "
                        f"{first or 'none'}; write def {name}(self, ...)")
    for argument in arguments:
        if argument.kind is not argument.POSITIONAL_OR_KEYWORD or argument.name not in known:
            raise TypeError(f"{cls.__name__}.{name}: there is no argument {argument}; it may take "
                            f"any of {', '.join(known)}")
        if argument.default is not argument.empty:
            raise TypeError(f"{cls.__name__}.{name}: write {argument.name} without a default; an "
                            "argument that has one is not filled in")


class Observers(pluggy.PluginManager):
    """Tells events to callbacks, in the order in which they are given.

    A callback's methods are known by their names and need no marker.
    """

    def __init__(self, callbacks=()):
        super().__init__(PROJECT)
        self.add_hookspecs(Events)
        if not isinstance(callbacks, Iterable):
            raise TypeError("callbacks must be a list of Callbacks, got "
                            f"{received(callbacks)}; put it in a list: [...]")
        for callback in reversed(list(callbacks)):            # pluggy calls the last one first
            if not isinstance(callback, Callback):
                raise TypeError(f"expected a Callback, got {received(callback)}")
            self.register(callback)
            if not self.get_hookcallers(callback):
                raise TypeError(f"{type(callback).__name__} hears of no event; name a method "
                                f"after one of {', '.join(EVENTS)}")
        trace_if_asked(self)

    def parse_hookimpl_opts(self, plugin, name):
        return super().parse_hookimpl_opts(plugin, name) or ({} if name in EVENTS else None)

    def caller(self, name):
        """What tells the event `name`, or None if nobody hears of it."""
        hook = getattr(self.hook, name)
        return hook if hook.get_hookimpls() else None
