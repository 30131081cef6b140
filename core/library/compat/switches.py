"""PyTorch's switches for speed and repeatability: plugrad does the same in every position."""

from plugrad.tensor.words import warn

_deterministic = False
_precision = "highest"


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Note the wish: plugrad's algorithms give the same bits each time, whatever was asked for."""
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled():
    """What `use_deterministic_algorithms` was told last."""
    return _deterministic


def set_float32_matmul_precision(precision):
    """Note "highest", "high" or "medium": products of float32 are computed in float32 always."""
    global _precision
    if precision not in ("highest", "high", "medium"):
        warn("set_float32_matmul_precision: expected 'highest', 'high' or 'medium', got "
             f"{precision!r}; nothing changes")
        return
    _precision = precision


def get_float32_matmul_precision():
    """What `set_float32_matmul_precision` was told last."""
    return _precision


def set_flush_denormal(mode):
    """Whether numbers too small for the usual format are treated as asked: plugrad keeps them."""
    return not mode


def get_num_interop_threads():
    """1: operations run one after the other."""
    return 1


def set_num_interop_threads(n):
    """Accepted, and without effect: see `get_num_interop_threads`."""


def compile(model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None,
            options=None, disable=False):
    """The function or module itself: its operations are compiled already.  `@compile` and
    `@compile(...)` decorate.   Raises TypeError for what can't be called."""
    if model is None:
        return compile
    if not callable(model):
        raise TypeError(f"compile: expected a function or a Module, got {type(model).__name__}")
    return model
