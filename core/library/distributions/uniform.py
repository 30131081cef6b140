"""Uniform: equally likely everywhere in an interval."""

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution, broadcast
from plugrad.ops.create import rand


class Uniform(Distribution):
    """p(x) = 1 / (high - low) for low <= x < high        low < high"""

    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = broadcast(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self):
        return {"low": constraints.less_than(self.high), "high": constraints.real}

    @property
    def support(self):
        return constraints.interval(self.low, self.high)

    mean = property(lambda self: (self.low + self.high) / 2)
    mode = property(lambda self: self.high * float("nan"))
    variance = property(lambda self: (self.high - self.low) ** 2 / 12)

    def rsample(self, sample_shape=()):
        return self.icdf(rand(self.shape(sample_shape), dtype=self.low.dtype))

    def log_prob(self, value):
        inside = (self.low <= self.checked(value)) & (value < self.high)
        return inside.to(self.low.dtype).log() - (self.high - self.low).log()

    def cdf(self, value):
        return ((self.checked(value) - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value):
        return self.low + value * (self.high - self.low)

    def entropy(self):
        return (self.high - self.low).log()
