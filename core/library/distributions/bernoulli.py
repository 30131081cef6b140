"""Bernoulli: 1 or 0, as a coin that is thrown."""

from typing import ClassVar

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution, broadcast, derived, either
from plugrad.limits import finfo
from plugrad.ops.arithmetic import where
from plugrad.ops.create import arange, bernoulli, zeros_like
from plugrad.ops.shape import stack


def softplus(x):
    """log(1 + exp(x))"""
    return stack([zeros_like(x), x]).logsumexp(0)


class Bernoulli(Distribution):
    """p(1) = probs = sigmoid(logits), p(0) = 1 - probs        give one of the two"""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        either(probs, logits, "Bernoulli")
        name, given = ("probs", probs) if logits is None else ("logits", logits)
        vars(self)[name], = broadcast(given)
        super().__init__(vars(self)[name].shape, validate_args=validate_args)

    @derived
    def probs(self):
        """The probability of 1."""
        return self.logits.sigmoid()

    @derived
    def logits(self):
        """log(probs / (1 - probs))"""
        tiny = finfo(self.probs.dtype).eps
        p = self.probs.clamp(tiny, 1 - tiny)
        return p.log() - (-p).log1p()

    mean = property(lambda self: self.probs)
    variance = property(lambda self: self.probs * (1 - self.probs))

    @property
    def mode(self):
        likely = (self.probs >= 0.5).to(self.probs.dtype)
        return where(self.probs == 0.5, float("nan"), likely)

    def sample(self, sample_shape=()):
        return bernoulli(self.probs.detach().expand(self.shape(sample_shape)))

    def log_prob(self, value):
        return self.checked(value) * self.logits - softplus(self.logits)

    def entropy(self):
        return softplus(self.logits) - self.probs * self.logits

    def enumerate_support(self, expand=True):
        values = arange(2, dtype=self.probs.dtype).reshape(-1, *[1] * len(self.batch_shape))
        return values.expand((2, *self.batch_shape)) if expand else values
