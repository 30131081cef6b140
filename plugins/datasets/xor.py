"""The four points no single unit can separate."""

import plugrad as pg
from plugrad.data import TensorDataset, integer


class XOR(TensorDataset):
    """n points float32 (n, 2), label a xor b (int64)   (Minsky & Papert, 1969)

    The corners (0,0) (0,1) (1,0) (1,1) in turn, each moved by Gaussian noise of that standard
    deviation.  Draws come from `generator`, from a generator seeded with `seed`, or else from the
    one that plugrad.manual_seed seeds.
    """

    def __init__(self, n=4, noise=0.0, seed=None, generator=None):
        if seed is not None:
            generator = pg.Generator().manual_seed(seed)
        corner = pg.arange(integer(n, "XOR: n", least=0)) % 4
        a, b = corner // 2, corner % 2
        points = pg.stack([a, b], 1).float()                            # (n, 2)
        if noise:
            points = points + noise * pg.randn(n, 2, generator=generator)
        super().__init__(points, (a != b).long())

    @property
    def data(self):
        """The points (n, 2)."""
        return self.tensors[0]

    @property
    def targets(self):
        """The labels (n,)."""
        return self.tensors[1]


@pg.hookimpl
def register_datasets(register):
    register(XOR)
