"""Transforms one after another."""

from functools import partial

import plugrad as pg
from plugrad import data


class Compose:
    """y = t_n(... t_2(t_1(x)))"""

    def __init__(self, transforms, *more):
        if more or callable(transforms) or not hasattr(transforms, "__iter__"):
            raise TypeError("Compose: expected a list of transforms, such as Compose([a, b])")
        self.transforms = [data.check_transform(transform, "Compose") for transform in transforms]

    def __call__(self, x):
        return self._run(self.transforms, x)

    def _run(self, forms, x):
        for transform, form in zip(self.transforms, forms):
            x = form(x)
            if x is None:
                raise TypeError(f"Compose: {transform!r} returned None; does it lack a return?")
        return x

    @property
    def batch(self):
        """The same on a batch; None where a transform has to be applied sample by sample."""
        forms = [data.batch_transform(transform) for transform in self.transforms]
        return None if None in forms else partial(self._run, forms)

    def __repr__(self):
        return f"Compose({self.transforms})"


@pg.hookimpl
def register_transforms(register):
    register(Compose)
