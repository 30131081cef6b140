"""A circle inside another: no straight line separates them."""

import math

import plugrad as pg
from plugrad import data, nn


class Circles(data.PointDataset):
    """n points (x, y) float32 on two circles plus Gaussian noise, labels 0 and 1 (int64).

    Label 0: radius 1, label 1: radius `factor`; angles evenly over 0..2 pi, noise is the standard
    deviation.  Points alternate between the circles.  Draws come from `generator`, from a generator
    seeded with `seed`, or else from the one that plugrad.manual_seed seeds.
    """

    def __init__(self, n=200, noise=0.05, factor=0.5, seed=None, generator=None):
        n = data.integer(n, "Circles: n", least=0)
        nn.number(factor, "Circles: factor", 0, 1)
        labels = pg.arange(n) % 2                                       # (n,)
        in_circle = pg.where(labels == 0, (n + 1) // 2, n // 2)
        t = 2 * math.pi * (pg.arange(n) // 2) / in_circle
        radius = pg.where(labels == 0, 1.0, factor)
        points = pg.stack([radius * t.cos(), radius * t.sin()], 1)      # (n, 2)
        points = data.noisy(points, noise, data.seeded(seed, generator), "Circles: noise")
        super().__init__(points, labels)


@pg.hookimpl
def register_datasets(register):
    register(Circles)
