"""A piece of an image, somewhere, brought to one size."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomResizedCrop(images.Transform):
    """A piece of x, resized        x: tensor (..., H, W)   y: (..., h, w)   (Szegedy et al., 2015)

    size: (h, w), or one number for both   scale: least and largest share of the area of x
    ratio: least and largest width / height of the piece, whose logarithm is uniform
    After ten pieces that do not fit into x, the largest one in the middle that has the ratio.
    """

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation="bilinear",
                 antialias=True):
        self.size = nn.pair(size, "RandomResizedCrop: size")
        self.scale = images.interval(scale, "RandomResizedCrop: scale", 0)
        self.ratio = images.interval(ratio, "RandomResizedCrop: ratio", 1e-6)
        self.interpolation = nn.choice(interpolation, "RandomResizedCrop: interpolation",
                                       images.MODES)
        self.antialias = nn.flag(antialias, "RandomResizedCrop: antialias")

    def forward(self, img):
        h, w = images.check(img, "RandomResizedCrop").shape[-2:]
        fitting = ((oh, ow) for oh, ow in images.pieces(h, w, self.scale, self.ratio)
                   if 0 < oh <= h and 0 < ow <= w)
        size = next(fitting, None)
        top, left, oh, ow = (*images.place(h, w, *size), *size) if size else self.middle(h, w)
        return images.resize(img[..., top:top + oh, left:left + ow], self.size, self.interpolation,
                             self.antialias)

    def middle(self, h, w):
        """(top, left, height, width) of the largest piece in the middle."""
        least, most = self.ratio
        oh, ow = min(h, round(w / least)), min(w, round(h * most))
        return (h - oh) // 2, (w - ow) // 2, oh, ow


@pg.hookimpl
def register_transforms(register):
    register(RandomResizedCrop)
