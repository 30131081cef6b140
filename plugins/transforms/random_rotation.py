"""An image turned by a random angle."""

import math

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomRotation(images.Transform):
    """x turned counter-clockwise by an angle from degrees[0] to degrees[1]    x: tensor (..., H, W)

    degrees: two numbers, or one for -degrees to degrees   interpolation: "nearest" or "bilinear"
    expand: a larger image, which has all of x   center: (column, row), the middle if None, and with
    expand always   fill: the number outside of x.
    """

    def __init__(self, degrees, interpolation="nearest", expand=False, center=None, fill=0):
        self.degrees = images.about(degrees, "RandomRotation: degrees")
        self.interpolation = nn.choice(interpolation, "RandomRotation: interpolation",
                                       ("nearest", "bilinear"))
        self.expand = nn.flag(expand, "RandomRotation: expand")
        self.center = center and images.two(center, "RandomRotation: center")
        self.fill = nn.number(fill, "RandomRotation: fill")

    def forward(self, img):
        h, w = images.check(img, "RandomRotation").shape[-2:]
        angle = -images.uniform(*self.degrees)
        if self.expand:
            matrix = images.inverse_affine(angle)
            # Rounding errors of sine and cosine need no pixel of their own.
            ow, oh = (math.ceil(n - 1e-4) for n in abs(matrix[:, :2]) @ (w, h))
            return images.affine(img, matrix, self.interpolation, self.fill, (oh, ow))
        matrix = images.inverse_affine(angle, center=images.from_middle(self.center, h, w))
        return images.affine(img, matrix, self.interpolation, self.fill)


@pg.hookimpl
def register_transforms(register):
    register(RandomRotation)
