"""A bar that fills while you wait."""

import sys

import plugrad as pg
from plugrad.callbacks import Callback
from plugrad.utils import warn


class ProgressBar(Callback):
    """One tqdm bar per epoch on `file` (stderr); nothing where that is no terminal.

    leave: keep each epoch's finished bar on the screen, with loss and metrics.
    Without tqdm it shows nothing and says so once, in a warning.
    """

    def __init__(self, file=None, *, leave=True):
        self.file = sys.stderr if file is None else file
        self.leave = leave
        self.bar = self.tqdm = None
        if self.file is not None and self.file.isatty():
            try:
                from tqdm import tqdm
                self.tqdm = tqdm
            except ImportError:
                warn("ProgressBar shows nothing because tqdm is missing; pip install tqdm")

    def on_fit_start(self, epochs):
        self.epochs = epochs

    def on_epoch_start(self, epoch, batches):
        if self.tqdm is not None:
            self.bar = self.tqdm(total=batches, desc=f"epoch {epoch}/{self.epochs}",
                                 unit="batch", leave=self.leave, file=self.file)

    def on_batch_end(self, loss):
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
            self.bar.update()

    def on_epoch_end(self, logs):
        if self.bar is not None:
            self.bar.set_postfix_str("  ".join(f"{name} {x:.4g}" for name, x in logs.items()))
        self.on_fit_end()

    def on_fit_end(self):
        if self.bar is not None:
            self.bar.close()
            self.bar = None


@pg.hookimpl
def register_callbacks(register):
    register(ProgressBar)
