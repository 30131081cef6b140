"""Initializers: functions that fill a tensor in place and return it, and what they reckon with."""

from functools import wraps
from math import prod, sqrt

from plugrad.autograd import no_grad
from plugrad.plugin.namespace import namespace
from plugrad.tensor.tensor import Tensor

__all__ = ["calculate_fan", "calculate_fan_in_and_fan_out", "calculate_gain", "filling"]
__getattr__, __dir__ = namespace(__name__, kinds=("initializers",))

GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4,
         **{f"conv{t}{n}d": 1.0 for t in ("", "_transpose") for n in (1, 2, 3)}}


def filling(function):
    """What every initializer is: a function that fills a tensor, without a record, and returns it.

    A tensor on the device "meta" stays as it is.   Raises TypeError for what is no Tensor.
    """
    @wraps(function)
    def initializer(tensor, *args, **kwargs):
        check_tensor(tensor)
        if tensor.is_meta:
            return tensor
        with no_grad():
            return function(tensor, *args, **kwargs)

    return initializer


def check_tensor(tensor):
    if not isinstance(tensor, Tensor):
        remedy = "; pass its .weight" if isinstance(getattr(tensor, "weight", None), Tensor) else ""
        raise TypeError(f"nn.init: expected a Tensor to fill, got {type(tensor).__name__}{remedy}")


def calculate_gain(nonlinearity, param=None):
    """The factor by which weights before this nonlinearity keep the variance of the signal.

    linear, conv, sigmoid: 1   tanh: 5/3   relu: √2   selu: 3/4   leaky_relu with slope `param`
    (0.01 if None): √(2 / (1 + slope²)).   Raises ValueError for others.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"calculate_gain: expected a number as negative_slope, got {param!r}")
        return sqrt(2 / (1 + slope ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"calculate_gain: unsupported nonlinearity {nonlinearity!r}; expected "
                         f"leaky_relu or one of {', '.join(GAINS)}")
    return GAINS[nonlinearity]


def calculate_fan_in_and_fan_out(tensor):
    """How many inputs feed one output of a layer with this weight, and how many it feeds.

    tensor: (out, in, *kernel) -> (in * K, out * K), K the size of the kernel.
    Raises ValueError for fewer than 2 dimensions.
    """
    check_tensor(tensor)
    if tensor.ndim < 2:
        raise ValueError("fan in and fan out: expected a weight of at least 2 dimensions, got "
                         f"shape {tuple(tensor.shape)}; use zeros_, uniform_ or normal_ for biases")
    kernel = prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def calculate_fan(tensor, mode):
    """One of the two: "fan_in" or "fan_out".  Raises ValueError for another mode."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode: expected 'fan_in' or 'fan_out', got {mode!r}")
    fan_in, fan_out = calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


_calculate_fan_in_and_fan_out = calculate_fan_in_and_fan_out     # the name in ported code
