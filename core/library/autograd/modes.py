"""Switching the recording of operations on and off."""

import functools
import inspect

from plugrad.tensor.tensor import _set_grad_enabled


class _GradMode:
    """A context manager, and a decorator, that sets recording in this thread."""

    mode = True

    def __init__(self, function=None):
        self.function = None
        self.stack = []                            # one object may be entered again while inside
        if function is not None:                   # @no_grad without parentheses
            if not callable(function):
                raise TypeError(f"{type(self).__name__}: expected a function to decorate, got "
                                f"{type(function).__name__}; write `with {type(self).__name__}():`")
            self.function = self._decorate(function)
            functools.update_wrapper(self, function)

    def __enter__(self):
        self.stack.append(_set_grad_enabled(self.mode))

    def __exit__(self, *error):
        _set_grad_enabled(self.stack.pop())

    def __call__(self, *args, **kwargs):
        if self.function is not None:
            return self.function(*args, **kwargs)
        return self._decorate(*args, **kwargs)

    def __get__(self, instance, owner=None):       # a method decorated without parentheses
        return self if instance is None else functools.partial(self, instance)

    def _decorate(self, function):
        if inspect.isgeneratorfunction(function):
            raise TypeError(f"{type(self).__name__}: can't decorate the generator "
                            f"{function.__name__}; use `with {type(self).__name__}():` inside it")

        @functools.wraps(function)
        def inside(*args, **kwargs):
            before = _set_grad_enabled(self.mode)
            try:
                return function(*args, **kwargs)
            finally:
                _set_grad_enabled(before)

        return inside


class no_grad(_GradMode):
    """Record nothing inside: `with no_grad(): ...`, or `@no_grad()` before a function."""

    mode = False


class enable_grad(_GradMode):
    """Record again, inside a no_grad."""

    mode = True


class inference_mode(_GradMode):
    """As no_grad."""

    mode = False

    def __init__(self, mode=True):
        super().__init__(mode if callable(mode) else None)
        if not callable(mode):
            self.mode = not mode


class set_grad_enabled(_GradMode):
    """Record or not, from here on: a plain call lasts, and `with set_grad_enabled(mode):` ends."""

    def __init__(self, mode):
        super().__init__()
        self.mode = bool(mode)
        self.stack.append(_set_grad_enabled(self.mode))

    def __enter__(self):
        _set_grad_enabled(self.mode)

    def __call__(self, function):
        _set_grad_enabled(self.stack.pop())
        return self._decorate(function)
