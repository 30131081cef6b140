"""A piece of an image, somewhere."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomCrop(images.Transform):
    """h x w pixels, each place being as likely as another    x: tensor (..., H, W)   y: (..., h, w)

    size: (h, w), or one number for both   padding, fill, padding_mode: a border first, as Pad has
    it   pad_if_needed: a border wherever x is still too small, else a ValueError.
    """

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        self.size = nn.pair(size, "RandomCrop: size")
        self.padding = padding
        self.pad_if_needed = nn.flag(pad_if_needed, "RandomCrop: pad_if_needed")
        self.fill = nn.number(fill, "RandomCrop: fill")
        self.padding_mode = nn.choice(padding_mode, "RandomCrop: padding_mode", images.BORDERS)
        self._sides = (0,) * 4 if padding is None else images.sides(padding, "RandomCrop: padding")

    def forward(self, img):
        images.check(img, "RandomCrop")
        (oh, ow), how = self.size, (self.fill, self.padding_mode)
        img = images.pad(img, *self._sides, *how)
        if self.pad_if_needed:
            down, right = (max(wanted - n, 0) for wanted, n in zip(self.size, img.shape[-2:]))
            img = images.pad(img, right, down, right, down, *how)
        h, w = img.shape[-2:]
        if h < oh or w < ow:
            raise ValueError(f"RandomCrop: expected an image of at least {oh} x {ow} pixels, got "
                             f"{h} x {w}; give padding or pad_if_needed=True")
        top, left = images.place(h, w, oh, ow)
        return img[..., top:top + oh, left:left + ow]


@pg.hookimpl
def register_transforms(register):
    register(RandomCrop)
