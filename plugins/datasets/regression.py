"""Points on a line or plane, for the first regression."""

import plugrad as pg
from plugrad import data


class Regression(data.PointDataset):
    """Inputs x (n, D) and targets y = x w + b (n, 1) plus Gaussian noise, both float32.

    weight: the D numbers w; x are standard normal, noise is the standard deviation.  Draws come
    from `generator`, from a generator seeded with `seed`, or else from the one that
    plugrad.manual_seed seeds.
    """

    def __init__(self, n=100, weight=(2.0,), bias=1.0, noise=0.1, seed=None, generator=None):
        n, generator = data.integer(n, "Regression: n", least=0), data.seeded(seed, generator)
        w = pg.as_tensor(weight).float().reshape(-1, 1)                 # (D, 1)
        x = pg.randn(n, len(w), generator=generator)
        super().__init__(x, data.noisy(x @ w + bias, noise, generator, "Regression: noise"))


@pg.hookimpl
def register_datasets(register):
    register(Regression)
