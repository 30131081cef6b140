"""Mixed precision, which needs dtypes of 16 bits: plugrad has none, and computes in full precision.

As in PyTorch without a GPU, what is asked for is switched off with a warning.
"""

import functools

from plugrad.tensor.devices import device
from plugrad.tensor.words import warn


class autocast:
    """with autocast("cpu"): ... computes what it would without, and so does `@autocast("cpu")`.

    Warns unless enabled=False.   Raises RuntimeError for a text that names no device.
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        self.device = device(device_type).type
        self.fast_dtype = dtype
        if enabled:
            warn("autocast: plugrad has no dtype of 16 bits and computes in full precision; "
                 "enabled=False says so without this warning")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __call__(self, function):
        @functools.wraps(function)
        def inside(*args, **kwargs):
            return function(*args, **kwargs)

        return inside


def is_autocast_enabled(device_type="cuda"):
    """False."""
    return False


class GradScaler:
    """Scales no loss: gradients of full precision do not vanish.  step(optimizer) steps.

    Warns unless enabled=False.
    """

    def __init__(self, device="cuda", init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5,
                 growth_interval=2000, enabled=True):
        if enabled:
            warn("GradScaler: gradients are of full precision and need no scaling; disabled")

    def scale(self, outputs):
        """outputs, a tensor or several, as they are."""
        return outputs

    def unscale_(self, optimizer):
        """Nothing: no gradient was scaled."""

    def step(self, optimizer, *args, **kwargs):
        """optimizer.step(*args, **kwargs)"""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale=None):
        """Nothing: the scale stays 1."""

    def is_enabled(self):
        """False."""
        return False

    def get_scale(self):
        """1.0"""
        return 1.0

    def state_dict(self):
        """{}: there is nothing to remember."""
        return {}

    def load_state_dict(self, state_dict):
        """Nothing: what another had to remember has no use here."""
