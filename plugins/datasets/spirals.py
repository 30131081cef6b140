"""Arms that wind around each other."""

import math

import plugrad as pg
from plugrad import data


class Spirals(data.PointDataset):
    """n points (x, y) float32 on spiral arms plus Gaussian noise, labels 0..classes-1 (int64).

    Arm c: r (cos t, sin t), t = 2 pi (turns r + c / classes), r evenly over 0..1; noise is the
    standard deviation.  Points alternate between the arms.   (Lang & Witbrock, 1988)   Draws come
    from `generator`, from a generator seeded with `seed`, or else from the one that
    plugrad.manual_seed seeds.
    """

    def __init__(self, n=300, noise=0.02, classes=2, turns=1.0, seed=None, generator=None):
        n = data.integer(n, "Spirals: n", least=0)
        classes = data.integer(classes, "Spirals: classes", least=1)
        labels = pg.arange(n) % classes                                 # (n,)
        in_arm = (n - labels + classes - 1) // classes
        r = (pg.arange(n) // classes) / (in_arm - 1).clamp(min=1)
        t = 2 * math.pi * (turns * r + labels / classes)
        points = pg.stack([r * t.cos(), r * t.sin()], 1)                # (n, 2)
        points = data.noisy(points, noise, data.seeded(seed, generator), "Spirals: noise")
        super().__init__(points, labels)


@pg.hookimpl
def register_datasets(register):
    register(Spirals)
