"""What activations share: the check of their input, and the form that writes over it."""

from plugrad.autograd import is_grad_enabled
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import received


def floating(input, what):
    """input, which must be a Tensor of floating point numbers.   what: the function that asks.

    Raises TypeError for anything but a Tensor, NotImplementedError for another dtype.
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"{what}: expected a Tensor, got {received(input)}; make one of it with "
                        "plugrad.tensor(...)")
    if not input.dtype.is_floating_point:
        raise NotImplementedError(f"{what}: expected a floating point tensor, got {input.dtype}; "
                                  "convert it with .float()")
    return input


def in_place(function, input, *options):
    """function(input, *options), written over input, with its history.  Returns input."""
    # What the function saves for its gradient must not be written over.
    saves = is_grad_enabled() and input.requires_grad
    return input.copy_(function(input.clone() if saves else input, *options))
