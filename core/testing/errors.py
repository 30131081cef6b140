"""How a check fails: it says what failed, and what to do."""


class ComponentError(AssertionError):
    """A component does not keep a promise of its kind."""


def require(condition, text):
    if not condition:
        raise ComponentError(text)
