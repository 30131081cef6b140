"""A record of training."""

import plugrad as pg
from plugrad.callbacks import Callback


class History(Callback):
    """Remembers every number of every run it watches.

    epochs: {"loss": [one number per epoch], "val_accuracy": [...], ...}
    batches: the loss of every batch
    """

    def __init__(self):
        self.epochs = {}
        self.batches = []

    def on_batch_end(self, loss):
        self.batches.append(loss)

    def on_epoch_end(self, logs):
        for name, value in logs.items():
            self.epochs.setdefault(name, []).append(value)


@pg.hookimpl
def register_callbacks(register):
    register(History)
