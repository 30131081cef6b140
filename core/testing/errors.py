"""How a check fails: it says what failed, and what to do."""

from contextlib import contextmanager


class ComponentError(AssertionError):
    """A component does not keep a promise of its kind."""


def require(condition, text):
    if not condition:
        raise ComponentError(text)


@contextmanager
def during(what, remedy=""):
    """What the component raises meanwhile becomes a ComponentError that says what was tried."""
    try:
        yield
    except ComponentError:
        raise
    except Exception as error:
        raise ComponentError(f"{what}: {type(error).__name__}: {error}{remedy}") from error
