"""Brightness without color."""

import plugrad as pg
from plugrad.data import images


class Grayscale(images.FixedTransform):
    """0.2989 red + 0.587 green + 0.114 blue        x: tensor (..., 3, H, W) or (..., 1, H, W)

    y: (..., num_output_channels, H, W), 1 or 3, which are the same.
    """

    def __init__(self, num_output_channels=1):
        if num_output_channels not in (1, 3):
            raise ValueError("Grayscale: num_output_channels: expected 1 or 3, got "
                             f"{num_output_channels!r}")
        self.num_output_channels = num_output_channels

    def forward(self, img):
        y = images.gray(images.check(img, "Grayscale", (1, 3)))
        return pg.cat([y] * self.num_output_channels, -3)


@pg.hookimpl
def register_transforms(register):
    register(Grayscale)
