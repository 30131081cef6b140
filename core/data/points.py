"""Points made by a formula, to learn from."""

from plugrad.data.dataset import TensorDataset
from plugrad.ops.create import randn
from plugrad.tensor.arguments import number
from plugrad.tensor.random import Generator


class PointDataset(TensorDataset):
    """Sample i is (data[i], targets[i]), of data (n, D) and targets (n,) or (n, 1)."""

    def __init__(self, data, targets):
        super().__init__(data, targets)

    @property
    def data(self):
        """The points (n, D)."""
        return self.tensors[0]

    @property
    def targets(self):
        """What belongs to each of them: labels (n,), or numbers (n, 1)."""
        return self.tensors[1]


def seeded(seed, generator):
    """A generator that begins at `seed`; `generator` where that is None."""
    return generator if seed is None else Generator().manual_seed(seed)


def noisy(x, noise, generator, what):
    """x + normal random numbers of that standard deviation; x itself where it is 0."""
    if not number(noise, what, 0):
        return x
    return x + noise * randn(x.shape, generator=generator)
