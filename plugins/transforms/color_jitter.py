"""Other light, other colors."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class ColorJitter(images.Transform):
    """x with other brightness, contrast, saturation and hue, in random order

    x: tensor (..., 3, H, W), or 1 channel, float 0..1 or uint8   The first three are factors from
    max(0, 1 - value) to 1 + value, or from a pair (least, largest); hue is turned by -value to
    value, at most 0.5, of the circle of colors.
    """

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        self.brightness = factors(brightness, "ColorJitter: brightness")
        self.contrast = factors(contrast, "ColorJitter: contrast")
        self.saturation = factors(saturation, "ColorJitter: saturation")
        self.hue = images.interval(images.about(hue, "ColorJitter: hue"), "ColorJitter: hue",
                                   -0.5, 0.5)

    def forward(self, img):
        images.check(img, "ColorJitter", (1, 3))
        changes = ((brighter, self.brightness, 1), (contrasted, self.contrast, 1),
                   (saturated, self.saturation, 1), (turned, self.hue, 0))
        for i in pg.randperm(4).tolist():
            change, (least, most), neutral = changes[i]
            if not least == most == neutral:
                img = change(img, images.uniform(least, most))
        return img


def factors(value, what):
    """(max(0, 1 - value), 1 + value) of a number; a pair as it is."""
    if not isinstance(value, (tuple, list)):
        value = max(0, 1 - nn.number(value, what, 0)), 1 + value
    return images.interval(value, what, 0)


def brighter(x, factor):
    return images.blend(x, pg.zeros_like(x), factor)


def contrasted(x, factor):
    return images.blend(x, images.gray(x).float().mean((-2, -1), keepdim=True), factor)


def saturated(x, factor):
    return images.blend(x, images.gray(x), factor)


def turned(x, by):
    """x in hue, saturation and value, the hue moved, and in red, green and blue again."""
    if x.shape[-3] == 1:
        return x
    rgb = x if x.is_floating_point() else x.float() / 255
    r, g, b = rgb.unbind(-3)
    v = rgb.amax(-3)
    chroma = v - rgb.amin(-3)
    d = pg.where(chroma == 0, 1.0, chroma)
    h = pg.where(v == r, (g - b) / d, pg.where(v == g, 2 + (b - r) / d, 4 + (r - g) / d)) + 6 * by
    # Red, green and blue are alike but for their place: a third of the circle from each other.
    distances = [((n + h) % 6 - 2).abs() for n in (5, 3, 1)]
    rgb = pg.stack([v - chroma * (2 - distance).clamp(0, 1) for distance in distances], -3)
    return images.back(rgb if x.is_floating_point() else rgb * 255, x.dtype)


@pg.hookimpl
def register_transforms(register):
    register(ColorJitter)
