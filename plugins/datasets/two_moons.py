"""Two half circles, each reaching into the other: no straight line separates them."""

import math

import plugrad as pg
from plugrad import data


class TwoMoons(data.PointDataset):
    """n points (x, y) float32 on two half circles plus Gaussian noise, labels 0 and 1 (int64).

    Moon 0: (cos t, sin t), moon 1: (1 - cos t, 1/2 - sin t), t evenly over 0..pi; noise is the
    standard deviation.  Points alternate between the moons.  Draws come from `generator`, from a
    generator seeded with `seed`, or else from the one that plugrad.manual_seed seeds.
    """

    def __init__(self, n=200, noise=0.1, seed=None, generator=None):
        n = data.integer(n, "TwoMoons: n", least=0)
        labels = pg.arange(n) % 2                                       # (n,)
        in_moon = pg.where(labels == 0, (n + 1) // 2, n // 2)           # moon 0 has an odd one more
        intervals = (in_moon - 1).clamp(min=1)                          # a lone point: 0 / 1
        t = math.pi * (pg.arange(n) // 2) / intervals
        x = pg.where(labels == 0, t.cos(), 1 - t.cos())
        y = pg.where(labels == 0, t.sin(), 0.5 - t.sin())
        points = pg.stack([x, y], 1)                                    # (n, 2)
        points = data.noisy(points, noise, data.seeded(seed, generator), "TwoMoons: noise")
        super().__init__(points, labels)


@pg.hookimpl
def register_datasets(register):
    register(TwoMoons)
