"""Left and right exchanged, or not."""

import plugrad as pg
from plugrad import nn


class RandomHorizontalFlip:
    """x mirrored along its last axis with probability p, else x itself     x: tensor (..., H, W)"""

    def __init__(self, p=0.5):
        self.p = nn.number(p, "RandomHorizontalFlip: p", 0, 1)

    def __call__(self, img):
        if not isinstance(img, pg.Tensor) or img.ndim < 2:
            raise TypeError("RandomHorizontalFlip: expected a tensor (..., height, width), got "
                            f"{type(img).__name__}; put ToTensor() before it")
        return img.flip(-1) if pg.rand(1).item() < self.p else img

    def __repr__(self):
        return f"RandomHorizontalFlip(p={self.p})"


@pg.hookimpl
def register_transforms(register):
    register(RandomHorizontalFlip)
