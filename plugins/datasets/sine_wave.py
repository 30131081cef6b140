"""A curve to be fitted."""

import math

import plugrad as pg
from plugrad import data


class SineWave(data.PointDataset):
    """Inputs x (n, 1) and targets y = sin(x) (n, 1) plus Gaussian noise, both float32.

    x evenly over -pi..pi, `periods` times that; noise is the standard deviation.  Draws come from
    `generator`, from a generator seeded with `seed`, or else from the one that plugrad.manual_seed
    seeds.
    """

    def __init__(self, n=200, noise=0.1, periods=1, seed=None, generator=None):
        n = data.integer(n, "SineWave: n", least=0)
        x = pg.linspace(-math.pi * periods, math.pi * periods, n).unsqueeze(1)
        generator = data.seeded(seed, generator)
        super().__init__(x, data.noisy(x.sin(), noise, generator, "SineWave: noise"))


@pg.hookimpl
def register_datasets(register):
    register(SineWave)
