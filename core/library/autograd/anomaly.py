"""Finding the operation whose gradient is the first to be NaN."""

from plugrad.tensor.walk import set_nan_check


class set_detect_anomaly:
    """From here on (or inside `with set_detect_anomaly(mode):`) backward raises RuntimeError at the
    first operation that makes a gradient NaN, and names its line.   check_nan=False: it does not.
    """

    def __init__(self, mode, check_nan=True):
        self.before = set_nan_check(mode and check_nan)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        set_nan_check(self.before)


class detect_anomaly:
    """with detect_anomaly(): backward raises RuntimeError at the first operation that makes a
    gradient NaN, and names its line.   check_nan=False: it does not."""

    def __init__(self, check_nan=True):
        self.check_nan = check_nan

    def __enter__(self):
        self.before = set_nan_check(self.check_nan)
        return self

    def __exit__(self, *error):
        set_nan_check(self.before)
