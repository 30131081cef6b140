"""The four points no single unit can separate."""

import plugrad as pg
from plugrad import data


class XOR(data.PointDataset):
    """n points float32 (n, 2), label a xor b (int64)   (Minsky & Papert, 1969)

    The corners (0,0) (0,1) (1,0) (1,1) in turn, each moved by Gaussian noise of that standard
    deviation.  Draws come from `generator`, from a generator seeded with `seed`, or else from the
    one that plugrad.manual_seed seeds.
    """

    def __init__(self, n=4, noise=0.0, seed=None, generator=None):
        corner = pg.arange(data.integer(n, "XOR: n", least=0)) % 4
        a, b = corner // 2, corner % 2
        points = pg.stack([a, b], 1).float()                            # (n, 2)
        points = data.noisy(points, noise, data.seeded(seed, generator), "XOR: noise")
        super().__init__(points, (a != b).long())


@pg.hookimpl
def register_datasets(register):
    register(XOR)
