"""Top and bottom exchanged, or not."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomVerticalFlip(images.Transform):
    """x upside down with probability p, else x itself        x: tensor (..., H, W)"""

    def __init__(self, p=0.5):
        self.p = nn.number(p, "RandomVerticalFlip: p", 0, 1)

    def forward(self, img):
        images.check(img, "RandomVerticalFlip")
        return img.flip(-2) if pg.rand(1).item() < self.p else img


@pg.hookimpl
def register_transforms(register):
    register(RandomVerticalFlip)
