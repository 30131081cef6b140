"""Without color, or not."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomGrayscale(images.Transform):
    """x in gray with probability p, else x itself        x: tensor (..., 3 or 1, H, W), y like x"""

    def __init__(self, p=0.1):
        self.p = nn.number(p, "RandomGrayscale: p", 0, 1)

    def forward(self, img):
        images.check(img, "RandomGrayscale", (1, 3))
        if pg.rand(1).item() >= self.p:
            return img
        return pg.cat([images.gray(img)] * img.shape[-3], -3)


@pg.hookimpl
def register_transforms(register):
    register(RandomGrayscale)
