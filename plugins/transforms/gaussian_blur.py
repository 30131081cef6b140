"""An image out of focus."""

import plugrad as pg
from plugrad import nn
from plugrad.data import images
from plugrad.nn import functional as F


class GaussianBlur(images.Transform):
    """Each pixel the mean of its neighbors, weighted by exp(-distance² / (2 sigma²))

    x: float tensor (..., H, W)   kernel_size: odd, (height, width) or one number for both
    sigma: a number, or (least, largest) of a random one.  The border is mirrored.
    """

    def __init__(self, kernel_size, sigma=(0.1, 2.0)):
        self.kernel_size = nn.pair(kernel_size, "GaussianBlur: kernel_size")
        if 0 in (k % 2 for k in self.kernel_size):
            raise ValueError("GaussianBlur: kernel_size: expected odd numbers, got "
                             f"{kernel_size!r}")
        self.sigma = images.interval(sigma if isinstance(sigma, (tuple, list)) else (sigma, sigma),
                                     "GaussianBlur: sigma", 1e-6)

    @staticmethod
    def example():
        return GaussianBlur(3), pg.rand(3, 6, 6)

    def forward(self, img):
        images.check(img, "GaussianBlur")
        (kh, kw), sigma = self.kernel_size, images.uniform(*self.sigma)
        y = img.reshape(-1, 1, *img.shape[-2:])
        y = F.pad(y if img.is_floating_point() else y.float(), [kw // 2] * 2 + [kh // 2] * 2,
                  "reflect")
        rows, columns = (bell(k, sigma).to(y.dtype) for k in (kh, kw))
        y = F.conv2d(F.conv2d(y, rows.reshape(1, 1, kh, 1)), columns.reshape(1, 1, 1, kw))
        return images.back(y, img.dtype).reshape(img.shape)


def bell(k, sigma):
    """k weights that sum to 1, the largest in the middle."""
    weights = (-(pg.arange(k) - k // 2).double().square() / (2 * sigma ** 2)).exp()
    return weights / weights.sum()


@pg.hookimpl
def register_transforms(register):
    register(GaussianBlur)
