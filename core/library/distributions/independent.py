"""Independent: dimensions of a batch as one event."""

from plugrad.distributions import constraints
from plugrad.distributions.distribution import Distribution


class Independent(Distribution):
    """log p(x) = Σ log base.p(x) over the last reinterpreted_batch_ndims dimensions of the batch"""

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        n, shape = reinterpreted_batch_ndims, base_distribution.batch_shape
        if not 0 <= n <= len(shape):
            raise ValueError(f"Independent: expected reinterpreted_batch_ndims from 0 to "
                             f"{len(shape)}, the dimensions of the batch, got {n}")
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, n
        split = len(shape) - n
        super().__init__(shape[:split], shape[split:] + base_distribution.event_shape,
                         validate_args)

    has_rsample = property(lambda self: self.base_dist.has_rsample)
    mean = property(lambda self: self.base_dist.mean)
    mode = property(lambda self: self.base_dist.mode)
    variance = property(lambda self: self.base_dist.variance)

    @property
    def support(self):
        return constraints.independent(self.base_dist.support, self.reinterpreted_batch_ndims)

    def expand(self, batch_shape):
        """The same distribution, side by side in this shape."""
        n = self.reinterpreted_batch_ndims
        inner = self.base_dist.batch_shape[len(self.base_dist.batch_shape) - n:]
        return Independent(self.base_dist.expand((*batch_shape, *inner)), n, validate_args=False)

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        return summed(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self):
        return summed(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self):
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"


def summed(x, n):
    """The sum over the last n dimensions."""
    return x.sum([*range(-n, 0)]) if n else x
