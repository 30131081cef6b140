"""Round clouds of points, for classes that are easy to tell."""

import plugrad as pg
from plugrad import data


class Blobs(data.PointDataset):
    """n points float32 (n, D) in Gaussian clouds, labels 0..k-1 (int64).

    centers: k points (k, D), or a number k of them drawn in the square from -10 to 10; std is the
    standard deviation of each cloud.  Points alternate between the clouds.  Draws come from
    `generator`, from a generator seeded with `seed`, or else from the one that plugrad.manual_seed
    seeds.   centers: those that were drawn or given.
    """

    def __init__(self, n=300, centers=3, std=1.0, seed=None, generator=None):
        n, generator = data.integer(n, "Blobs: n", least=0), data.seeded(seed, generator)
        if isinstance(centers, int):
            size = data.integer(centers, "Blobs: centers", least=1), 2
            centers = 20 * pg.rand(size, generator=generator) - 10
        self.centers = pg.as_tensor(centers).float()                    # (k, D)
        if self.centers.ndim != 2 or len(self.centers) == 0:
            raise ValueError("Blobs: expected centers (k, D), one row for each cloud, got shape "
                             f"{tuple(self.centers.shape)}")
        labels = pg.arange(n) % len(self.centers)                       # (n,)
        points = data.noisy(self.centers[labels], std, generator, "Blobs: std")
        super().__init__(points, labels)


@pg.hookimpl
def register_datasets(register):
    register(Blobs)
