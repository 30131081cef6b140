"""Normal: the bell curve."""

import math
from typing import ClassVar

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution, broadcast
from plugrad.ops.create import randn


class Normal(Distribution):
    """p(x) = exp(-(x - loc)² / (2 scale²)) / (scale √(2π))        scale > 0"""

    arg_constraints: ClassVar = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: self.scale)
    variance = property(lambda self: self.scale ** 2)

    def rsample(self, sample_shape=()):
        return self.loc + self.scale * randn(self.shape(sample_shape), dtype=self.loc.dtype)

    def log_prob(self, value):
        z = (self.checked(value) - self.loc) / self.scale
        return -z ** 2 / 2 - self.scale.log() - math.log(2 * math.pi) / 2

    def cdf(self, value):
        return (1 + ((self.checked(value) - self.loc) / (self.scale * math.sqrt(2))).erf()) / 2

    def entropy(self):
        return 0.5 + math.log(2 * math.pi) / 2 + self.scale.log()
