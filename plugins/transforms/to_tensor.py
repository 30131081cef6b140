"""From an image as arrays and PIL hold it to a tensor as networks take it."""

import numpy as np
import plugrad as pg
from plugrad.data import images


class ToTensor:
    """Image (H, W) or (H, W, C) -> tensor (C, H, W); uint8 0..255 becomes float32 0..1.

    Takes a NumPy array or a PIL image.  Numbers of another dtype keep dtype and value.
    """

    def __call__(self, image):
        image = _as_array(image)
        if image.ndim not in (2, 3):
            raise ValueError(
                "ToTensor: expected an image of shape (height, width) or (height, width, "
                f"channels), got {image.shape}."
            )
        return self.batch(image[None])[0]

    def batch(self, x):
        """N images, array (N, H, W) or (N, H, W, C) -> tensor (N, C, H, W)."""
        if x.ndim == 3:
            x = x[..., None]
        x = x.transpose(0, 3, 1, 2)                             # (N, C, H, W)
        if x.dtype == np.uint8:
            return pg.from_numpy(np.divide(x, 255, dtype=np.float32, order="C"))
        return pg.from_numpy(x.copy(order="C"))                 # never the dataset's own memory

    def __repr__(self):
        return "ToTensor()"


def _as_array(image):
    if isinstance(image, pg.Tensor) or not hasattr(image, "__array_interface__"):
        raise TypeError(
            f"ToTensor: expected a NumPy array or a PIL image, got {type(image).__name__}. "
            "What is a tensor already needs no ToTensor."
        )
    return images.as_array(image)


@pg.hookimpl
def register_transforms(register):
    register(ToTensor)
