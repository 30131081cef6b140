"""A random rectangle blotted out."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images


class RandomErasing(images.Transform):
    """x with a rectangle erased, with probability p        (Zhong et al., 2020)

    x: tensor (..., C, H, W)   scale: least and largest share of the area
    ratio: least and largest height / width   value: a number, one for each channel, or "random" for
    normal random numbers
    inplace: x itself is changed.  After ten rectangles that do not fit, nothing is erased.
    """

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        self.p = nn.number(p, "RandomErasing: p", 0, 1)
        self.scale = images.interval(scale, "RandomErasing: scale", 0, 1)
        self.ratio = images.interval(ratio, "RandomErasing: ratio", 1e-6)
        self.value = value
        self.inplace = nn.flag(inplace, "RandomErasing: inplace")
        if isinstance(value, str):
            nn.choice(value, "RandomErasing: value", ("random",))
        # (C, 1, 1), or (1, 1, 1) for all channels
        self._values = None if value == "random" else pg.tensor(value).reshape(-1, 1, 1)

    def forward(self, img):
        h, w = images.check(img, "RandomErasing").shape[-2:]
        if self._values is not None and len(self._values) not in (1, *img.shape[-3:-2]):
            raise ValueError("RandomErasing: expected one value, or one for each channel of a "
                             f"tensor {tuple(img.shape)}, got {self.value!r}")
        if pg.rand(1).item() >= self.p:
            return img
        y = img if self.inplace else img.clone()
        for ow, oh in images.pieces(w, h, self.scale, self.ratio):      # height / width is drawn
            if oh < h and ow < w:
                top, left = images.place(h, w, oh, ow)
                erased = y[..., top:top + oh, left:left + ow]
                erased.copy_(pg.randn(erased.shape) if self._values is None else self._values)
                break
        return y


@pg.hookimpl
def register_transforms(register):
    register(RandomErasing)
