"""Transforms one after another."""

import plugrad as pg
from plugrad import data


class Compose:
    """y = t_n(... t_2(t_1(x)))"""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x

    @property
    def batch(self):
        """The same on a batch; None where a transform has to be applied sample by sample."""
        forms = [data.batch_transform(transform) for transform in self.transforms]
        if None in forms:
            return None

        def compose(x):
            for form in forms:
                x = form(x)
            return x

        return compose

    def __repr__(self):
        return f"Compose({self.transforms})"


@pg.hookimpl
def register_transforms(register):
    register(Compose)
