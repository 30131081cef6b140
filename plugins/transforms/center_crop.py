"""The middle of an image."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class CenterCrop(images.FixedTransform):
    """The h x w pixels in the middle        x: tensor (..., H, W)   y: (..., h, w)

    size: (h, w), or one number for both.  A smaller image gets a border of zeros first.
    """

    def __init__(self, size):
        self.size = nn.pair(size, "CenterCrop: size")

    def forward(self, img):
        h, w = images.check(img, "CenterCrop").shape[-2:]
        oh, ow = self.size
        down, right = max(oh - h, 0), max(ow - w, 0)
        img = images.pad(img, right // 2, down // 2, (right + 1) // 2, (down + 1) // 2)
        top, left = round((h + down - oh) / 2), round((w + right - ow) / 2)
        return img[..., top:top + oh, left:left + ow]


@pg.hookimpl
def register_transforms(register):
    register(CenterCrop)
