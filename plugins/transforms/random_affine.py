"""An image moved, turned, scaled and sheared at random."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomAffine(images.Transform):
    """x turned clockwise, moved, scaled and sheared, each by a random amount  x: tensor (..., H, W)

    degrees: two angles, or one for -degrees to degrees   translate: (a, b), up to a * W columns and
    b * H rows either way   scale: (least, largest)   shear: one angle or two along the columns,
    four for both axes   interpolation: "nearest" or "bilinear"   fill: the number outside of x
    center: (column, row), the middle if None.
    """

    def __init__(self, degrees, translate=None, scale=None, shear=None, interpolation="nearest",
                 fill=0, center=None):
        self.degrees = images.about(degrees, "RandomAffine: degrees")
        self.translate = translate and images.two(translate, "RandomAffine: translate", 0, 1)
        self.scale = scale and images.interval(scale, "RandomAffine: scale", 1e-6)
        self.shear = shear
        self.interpolation = nn.choice(interpolation, "RandomAffine: interpolation",
                                       ("nearest", "bilinear"))
        self.fill = nn.number(fill, "RandomAffine: fill")
        self.center = center and images.two(center, "RandomAffine: center")
        both = isinstance(shear, (tuple, list)) and len(shear) == 4
        self._shears = [images.about(angles, "RandomAffine: shear")
                        for angles in ((shear[:2], shear[2:]) if both else (shear or 0, 0))]

    def forward(self, img):
        h, w = images.check(img, "RandomAffine").shape[-2:]
        angle = images.uniform(*self.degrees)
        most = [share * n for share, n in zip(self.translate or (0, 0), (w, h))]
        matrix = images.inverse_affine(
            angle, [round(images.uniform(-to, to)) for to in most],
            images.uniform(*self.scale or (1, 1)),
            [images.uniform(*angles) for angles in self._shears],
            images.from_middle(self.center, h, w))
        return images.affine(img, matrix, self.interpolation, self.fill)


@pg.hookimpl
def register_transforms(register):
    register(RandomAffine)
