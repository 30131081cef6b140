"""Exponential: waiting times between events that come at a constant rate."""

from typing import ClassVar

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution, broadcast
from plugrad.ops.create import empty, zeros_like


class Exponential(Distribution):
    """p(x) = rate exp(-rate x) for x >= 0        rate > 0"""

    arg_constraints: ClassVar = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate, validate_args=None):
        self.rate, = broadcast(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    mean = stddev = property(lambda self: 1 / self.rate)
    mode = property(lambda self: zeros_like(self.rate))
    variance = property(lambda self: self.rate ** -2)

    def rsample(self, sample_shape=()):
        return empty(self.shape(sample_shape), dtype=self.rate.dtype).exponential_() / self.rate

    def log_prob(self, value):
        return self.rate.log() - self.rate * self.checked(value)

    def cdf(self, value):
        return 1 - (-self.rate * self.checked(value)).exp()

    def icdf(self, value):
        return -(-value).log1p() / self.rate

    def entropy(self):
        return 1 - self.rate.log()
