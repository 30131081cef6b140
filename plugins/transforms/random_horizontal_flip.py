"""Left and right exchanged, or not."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomHorizontalFlip(images.Transform):
    """x mirrored along its last axis with probability p, else x itself     x: tensor (..., H, W)"""

    def __init__(self, p=0.5):
        self.p = nn.number(p, "RandomHorizontalFlip: p", 0, 1)

    def forward(self, img):
        images.check(img, "RandomHorizontalFlip")
        return img.flip(-1) if pg.rand(1).item() < self.p else img


@pg.hookimpl
def register_transforms(register):
    register(RandomHorizontalFlip)
