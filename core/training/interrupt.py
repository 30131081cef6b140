"""Ctrl-C that waits for the end of a step."""

import signal
import threading
from contextlib import contextmanager


class Interrupt:
    """Holds Ctrl-C back while `with interrupt:` runs, so that what happens there happens whole.

    It is raised at the end of the block; a second Ctrl-C is obeyed at once.  Works between
    `with interrupt.caught():`, and does nothing outside the main thread or if the program has a
    handler of its own.
    """

    def __init__(self):
        self.holding = self.pending = False

    @contextmanager
    def caught(self):
        ours = (threading.current_thread() is threading.main_thread()
                and signal.getsignal(signal.SIGINT) is signal.default_int_handler)
        if ours:
            signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield self
        finally:
            if ours:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def _on_signal(self, signum, frame):
        if not self.holding or self.pending:
            raise KeyboardInterrupt
        self.pending = True

    def __enter__(self):
        self.holding = True

    def __exit__(self, *exception):
        self.holding = False
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt
