"""Categorical: one of several classes."""

from math import prod
from typing import ClassVar

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution, derived, either
from plugrad.limits import finfo
from plugrad.ops.create import arange, full, multinomial


class Categorical(Distribution):
    """p(k) = probs[..., k] = softmax(logits)[..., k], k = 0 .. K - 1        give one of the two

    probs, logits: (..., K); probs are divided by their sum.
    """

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        either(probs, logits, "Categorical")
        name, given = ("probs", probs) if logits is None else ("logits", logits)
        if given.ndim < 1:
            raise ValueError(f"Categorical: expected {name} of at least one dimension, got a 0-d "
                             "tensor")
        vars(self)[name] = (given / given.sum(-1, keepdim=True) if logits is None
                            else given - given.logsumexp(-1, keepdim=True))
        self._num_events = given.shape[-1]
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @derived
    def probs(self):
        """The probability of each class."""
        return self.logits.softmax(-1)

    @derived
    def logits(self):
        """log(probs)"""
        tiny = finfo(self.probs.dtype).eps
        return self.probs.clamp(tiny, 1 - tiny).log()

    @property
    def support(self):
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self):
        """NaN: classes have no order."""
        return full(self.batch_shape, float("nan"), dtype=self.probs.dtype)

    variance = mean
    mode = property(lambda self: self.probs.argmax(-1))

    def sample(self, sample_shape=()):
        rows = self.probs.detach().reshape(-1, self._num_events)
        drawn = multinomial(rows, prod(sample_shape), True)    # (batch, samples)
        return drawn.mT.reshape(self.shape(sample_shape))

    def log_prob(self, value):
        value = self.checked(value).long()
        shape = (value * self.logits[..., 0]).shape
        logits = self.logits.expand((*shape, self._num_events))
        return logits.gather(-1, value.expand(shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self):
        least = finfo(self.logits.dtype).min
        return -(self.probs * self.logits.clamp(min=least)).sum(-1)

    def enumerate_support(self, expand=True):
        values = arange(self._num_events).reshape(-1, *[1] * len(self.batch_shape))
        return values.expand((self._num_events, *self.batch_shape)) if expand else values
