"""Transforms, or none."""

import plugrad as pg
from plugrad import data, nn


class RandomApply:
    """All transforms of a list with probability p, else x itself"""

    def __init__(self, transforms, p=0.5):
        self.transforms = [data.check_transform(transform, "RandomApply")
                           for transform in transforms]
        self.p = nn.number(p, "RandomApply: p", 0, 1)

    def __call__(self, x):
        if pg.rand(1).item() < self.p:
            for transform in self.transforms:
                x = transform(x)
        return x

    def __repr__(self):
        return f"RandomApply({self.transforms}, p={self.p})"


@pg.hookimpl
def register_transforms(register):
    register(RandomApply)
