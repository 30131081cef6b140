"""Any function as a transform; `lambda` alone is no name that Python can import."""

import plugrad as pg


class Lambda:
    """y = function(x); a plain function does as well, this is for scripts written for PyTorch."""

    def __init__(self, function):
        if not callable(function):
            raise TypeError(f"Lambda: expected a function, got {type(function).__name__}.")
        self.function = function

    def __call__(self, x):
        return self.function(x)

    def __repr__(self):
        return f"Lambda({getattr(self.function, '__name__', self.function)})"


@pg.hookimpl
def register_transforms(register):
    register(Lambda)
