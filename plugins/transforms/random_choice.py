"""One of several transforms."""

import plugrad as pg
from plugrad import data


class RandomChoice:
    """One transform of a list, drawn anew for each sample

    p: how often each is drawn, in proportion; None for alike.
    """

    def __init__(self, transforms, p=None):
        self.transforms = [data.check_transform(transform, "RandomChoice")
                           for transform in transforms]
        self.p = p
        self._p = pg.tensor([1.0] * len(self.transforms) if p is None else p)
        if self._p.shape != (len(self.transforms),):
            raise ValueError(f"RandomChoice: expected a p for each of {len(self.transforms)} "
                             f"transforms, got {p!r}")

    def __call__(self, x):
        return self.transforms[int(pg.multinomial(self._p, 1))](x)

    def __repr__(self):
        return f"RandomChoice({self.transforms}, p={self.p})"


@pg.hookimpl
def register_transforms(register):
    register(RandomChoice)
