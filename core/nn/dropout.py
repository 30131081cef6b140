"""What the kinds of dropout share: the mask, and a module with a probability."""

from plugrad.autograd import no_grad
from plugrad.nn.module import Module
from plugrad.tensor.arguments import flag, number

ALPHA = 1.0507009873554805 * 1.6732632423543772       # -SELU(-∞)


def drop(input, p, shape, training, inplace):
    """y = x * m / (1 - p), the mask m of this shape, which broadcasts; y = x if not training.

    Each m is 0 with probability p, and else 1.   Raises ValueError for p outside [0, 1].
    """
    if is_idle(p, training):
        return input
    mask = keep_mask(input, p, shape).mul_(0.0 if p == 1 else 1 / (1 - p))
    return input.mul_(mask) if inplace else input * mask


def alpha_drop(input, p, shape, training, inplace):
    """y = a * (x where the mask m of this shape is 1, else -α) + a α p; y = x if not training.

    a = 1 / √((1 + p α²) (1 - p)) keeps mean 0 and variance 1; p = 1 gives zeros.
    Raises ValueError for p outside [0, 1].
    """
    if is_idle(p, training):
        return input
    if p == 1:
        return input.mul_(0.0) if inplace else input * 0.0
    a = ((1 + p * ALPHA ** 2) * (1 - p)) ** -0.5
    mask = keep_mask(input, p, shape)
    shift = (mask - (1 - p)).mul_(a * ALPHA)             # a α p where x stays, else a α (p - 1)
    mask.mul_(a)
    return input.mul_(mask).add_(shift) if inplace else input * mask + shift


def is_idle(p, training):
    """Whether nothing is dropped."""
    return number(p, "dropout: p", 0, 1) == 0 or not training


def keep_mask(x, p, shape):
    """A mask of this shape and x's dtype: each element 0 with probability p, and else 1."""
    with no_grad():
        return x.new_empty(tuple(shape)).bernoulli_(1 - p)


class DropoutModule(Module):
    """The contract of dropouts: p, the probability to be missing, and whether to write over x.

    A subclass writes forward, which drops only where self.training.
    """

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        self.p = number(p, f"{type(self).__name__}: p", 0, 1)
        self.inplace = flag(inplace, f"{type(self).__name__}: inplace")

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"
