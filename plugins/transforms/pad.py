"""A border around an image."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class Pad(images.FixedTransform):
    """x with a border        x: tensor (..., H, W)   y: (..., top + H + bottom, left + W + right)

    padding: a number for all sides, (left and right, top and bottom), or (left, top, right, bottom)
    padding_mode: "constant", of the number `fill`; "edge", the outermost pixels; or mirrored,
    "reflect" without and "symmetric" with the outermost pixels.
    """

    def __init__(self, padding, fill=0, padding_mode="constant"):
        self.padding = padding
        self._sides = images.sides(padding, "Pad: padding")
        self.fill = nn.number(fill, "Pad: fill")
        self.padding_mode = nn.choice(padding_mode, "Pad: padding_mode", images.BORDERS)

    def forward(self, img):
        images.check(img, "Pad")
        return images.pad(img, *self._sides, self.fill, self.padding_mode)


@pg.hookimpl
def register_transforms(register):
    register(Pad)
