"""Distribution: what every distribution is."""

from numbers import Number
from typing import ClassVar

import numpy as np
from plugrad.autograd import no_grad
from plugrad.ops.create import tensor
from plugrad.tensor.tensor import Size, Tensor


class Distribution:
    """The contract: a subclass has its parameters as attributes, named in `arg_constraints`, and
    defines log_prob and `rsample` (or `sample`), and what else it can: mean, variance, ...

    batch_shape: of distributions side by side; event_shape: of one sample of one of them.
    Raises ValueError for parameters, and values in log_prob and cdf, that can't be; unless
    validate_args=False.
    """

    has_rsample = has_enumerate_support = False
    arg_constraints: ClassVar = {}
    support = None
    _validate_args = True

    @staticmethod
    def set_default_validate_args(value):
        """Whether distributions check arguments unless they are told."""
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: expected True or False, got {value!r}")
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        self._given = [name for name in self.arg_constraints if name in vars(self)]
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, value in self.parameters().items():
                self.check(value, self.arg_constraints[name], f"parameter {name}")

    @property
    def batch_shape(self):
        """The shape of the distributions."""
        return self._batch_shape

    @property
    def event_shape(self):
        """The shape of one sample."""
        return self._event_shape

    def parameters(self):
        """{name: Tensor} of the parameters that it was made of."""
        return {name: getattr(self, name) for name in self._given}

    def expand(self, batch_shape):
        """The same distribution, side by side in this shape."""
        n = len(self.batch_shape)
        wide = {name: p.expand((*batch_shape, *p.shape[n:])) for name, p in
                self.parameters().items()}
        return type(self)(**wide, validate_args=False)

    # ---- what a subclass defines

    def rsample(self, sample_shape=()):
        """A sample through which gradients reach the parameters   (Kingma & Welling, 2014)"""
        raise self.lacking("rsample")

    def sample(self, sample_shape=()):
        """A sample of shape (*sample_shape, *batch_shape, *event_shape), without gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def log_prob(self, value):
        """The logarithm of the density, or probability, of value."""
        raise self.lacking("log_prob")

    def cdf(self, value):
        """The probability of no more than value."""
        raise self.lacking("cdf")

    def icdf(self, value):
        """What is not exceeded with probability value."""
        raise self.lacking("icdf")

    def entropy(self):
        """The mean of -log_prob."""
        raise self.lacking("entropy")

    def enumerate_support(self, expand=True):
        """All values, along a new first dimension."""
        raise self.lacking("enumerate_support")

    @property
    def mean(self):
        """The mean."""
        raise self.lacking("mean")

    @property
    def mode(self):
        """The most likely value."""
        raise self.lacking("mode")

    @property
    def variance(self):
        """The variance."""
        raise self.lacking("variance")

    # ---- what follows

    @property
    def stddev(self):
        """The square root of the variance."""
        return self.variance.sqrt()

    def perplexity(self):
        """exp(entropy)"""
        return self.entropy().exp()

    def __repr__(self):
        shown = ", ".join(f"{name}: {p if p.numel() == 1 else p.shape}"
                          for name, p in self.parameters().items())
        return f"{type(self).__name__}({shown})"

    # ---- checks

    def lacking(self, what):
        """The error to raise where this distribution has no such quantity."""
        return NotImplementedError(f"{type(self).__name__} has no {what}")

    def shape(self, sample_shape):
        """The shape of samples."""
        return (*sample_shape, *self.batch_shape, *self.event_shape)

    def check(self, value, constraint, what):
        """Raise ValueError unless all elements keep the constraint."""
        if not constraint.check(value).all():
            raise ValueError(f"{type(self).__name__}: expected {what}, of shape "
                             f"{tuple(value.shape)}, to satisfy the constraint {constraint}, got "
                             f"{value.tolist()}")

    def checked(self, value):
        """value, which must be a Tensor of possible values in a shape that fits."""
        if not self._validate_args:
            return value
        if not isinstance(value, Tensor):
            raise ValueError(f"{type(self).__name__}: expected the value to be a Tensor, got "
                             f"{type(value).__name__}")
        shape = self.shape(())
        for given, own in zip(value.shape[::-1], shape[::-1]):
            if given != own and given != 1 and own != 1:
                raise ValueError(f"{type(self).__name__}: a value of shape {tuple(value.shape)} "
                                 f"does not broadcast with batch and event shape {shape}")
        self.check(value, self.support, "the value")
        return value


class derived:
    """Decorates a parameter that follows from another: an attribute that was set goes first."""

    def __init__(self, function):
        self.function, self.__doc__ = function, function.__doc__

    def __get__(self, distribution, owner=None):
        return self if distribution is None else self.function(distribution)


def broadcast(*values):
    """Tensors of one shape, from tensors and numbers.  Raises ValueError for anything else, and
    RuntimeError for shapes that do not broadcast."""
    if not all(isinstance(v, (Tensor, Number)) for v in values):
        raise ValueError("distribution: expected parameters to be Tensors or numbers, got "
                         f"{', '.join(map(repr, values))}")
    tensors = [v for v in values if isinstance(v, Tensor)]
    dtype = tensors[0].dtype if tensors else None
    made = [v if isinstance(v, Tensor) else tensor(float(v), dtype=dtype) for v in values]
    shapes = [tuple(v.shape) for v in made]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError("distribution: parameters of shapes "
                           f"{', '.join(map(str, shapes))} do not broadcast") from None
    return [v.expand(shape) for v in made]


def either(probs, logits, name):
    """Raise ValueError unless exactly one was given."""
    if (probs is None) == (logits is None):
        raise ValueError(f"{name}: expected either probs or logits, got "
                         f"{'neither' if probs is None else 'both'}")
