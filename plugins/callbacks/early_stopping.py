"""Stops before a model learns its training set by heart."""

import plugrad as pg
from plugrad.callbacks import Callback


class EarlyStopping(Callback):
    """Ends training when `monitor` has not improved by more than min_delta for `patience` epochs.

    mode: "min" or "max", what is better; by default "max" for an accuracy and "min" for the rest.
    restore_best: give the model its best epoch's parameters and buffers back at the end.
    best, best_epoch: the best value and when it was.   (Prechelt, 1998)
    """

    def __init__(self, monitor="val_loss", *, patience=3, min_delta=0.0, mode=None,
                 restore_best=False):
        if mode not in (None, "min", "max"):
            raise ValueError(f"EarlyStopping: mode must be 'min' or 'max', got {mode!r}")
        if patience < 1 or min_delta < 0:
            raise ValueError("EarlyStopping: patience must be at least 1 and min_delta at least "
                             f"0, got {patience} and {min_delta}")
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        if mode is None:
            mode = "max" if "accuracy" in monitor else "min"
        self.mode = mode
        self.sign = 1 if mode == "max" else -1                          # of an improvement
        self.restore_best = restore_best

    def on_fit_start(self):
        self.best = self.best_epoch = self.weights = None

    def on_epoch_end(self, trainer, epoch, logs):
        if self.monitor not in logs:
            raise ValueError(f"EarlyStopping: there is no {self.monitor!r} to watch, only "
                             f"{', '.join(logs)}; set monitor=, or give fit validation data")
        value = logs[self.monitor]
        if self.best is None or self.sign * (value - self.best) > self.min_delta:
            self.best, self.best_epoch = value, epoch
            if self.restore_best:
                self.weights = {name: x.detach().clone()
                                for name, x in trainer.model.state_dict().items()}
        elif epoch - self.best_epoch >= self.patience:
            trainer.stop()

    def on_fit_end(self, trainer):
        if self.weights is not None:
            trainer.model.load_state_dict(self.weights)
            self.weights = None


@pg.hookimpl
def register_callbacks(register):
    register(EarlyStopping)
