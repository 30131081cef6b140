"""An image of another size."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class Resize(images.FixedTransform):
    """x with other numbers of pixels, by F.interpolate        x: tensor (..., H, W)

    size: (h, w), or one number for the shorter side, the other in proportion and with max_size
    not longer than that   interpolation: "nearest", "nearest-exact", "bilinear" or "bicubic"
    antialias: a smaller image is made of all pixels of the larger one.
    """

    def __init__(self, size, interpolation="bilinear", max_size=None, antialias=True):
        both = isinstance(size, (tuple, list))
        self.size = (nn.pair if both else nn.integer)(size, "Resize: size", least=1)
        self.interpolation = nn.choice(interpolation, "Resize: interpolation", images.MODES)
        self.max_size = max_size
        self.antialias = nn.flag(antialias, "Resize: antialias")
        if max_size is not None and (both or nn.integer(max_size, "Resize: max_size") <= size):
            raise ValueError("Resize: expected max_size above size, which is then one number, got "
                             f"size={size} and max_size={max_size}")

    def forward(self, img):
        h, w = images.check(img, "Resize").shape[-2:]
        size = self.size if isinstance(self.size, tuple) else self.in_proportion(h, w)
        return images.resize(img, size, self.interpolation, self.antialias)

    def in_proportion(self, h, w):
        """(h, w) with self.size for the shorter side."""
        short, long = self.size, int(self.size * max(h, w) / min(h, w))
        if self.max_size is not None and long > self.max_size:
            short, long = int(self.max_size * short / long), self.max_size
        return (short, long) if h <= w else (long, short)


@pg.hookimpl
def register_transforms(register):
    register(Resize)
