"""Channels brought to a common scale."""

import numpy as np
import plugrad as pg


class Normalize:
    """y[c] = (x[c] - mean[c]) / std[c]        x: float tensor (..., C, H, W)

    mean and std hold one number a channel, or one for all; `inplace` overwrites x.
    """

    def __init__(self, mean, std, inplace=False):
        self.mean = mean
        self.std = std
        self.inplace = inplace
        self._shift = np.asarray(mean, np.float64).reshape(-1, 1, 1)    # (C, 1, 1)
        self._scale = np.asarray(std, np.float64).reshape(-1, 1, 1)
        if (self._scale == 0).any():
            raise ValueError(f"Normalize: expected std above zero for each channel, got {std}.")

    def __call__(self, x):
        self._check(x)
        shift = pg.as_tensor(self._shift, dtype=x.dtype)
        scale = pg.as_tensor(self._scale, dtype=x.dtype)
        if self.inplace:
            return x.sub_(shift).div_(scale)
        return (x - shift) / scale

    batch = __call__

    def _check(self, x):
        if not isinstance(x, pg.Tensor) or not x.dtype.is_floating_point:
            got = f"{x.dtype} tensor" if isinstance(x, pg.Tensor) else type(x).__name__
            raise TypeError(
                f"Normalize: expected a float tensor, got {got}. Put ToTensor() before it."
            )
        if x.ndim < 3:
            raise ValueError(
                "Normalize: expected a tensor of shape (..., channels, height, width), got "
                f"{tuple(x.shape)}."
            )
        for name, values in (("mean", self._shift), ("std", self._scale)):
            if len(values) not in (1, x.shape[-3]):
                raise ValueError(
                    f"Normalize: expected one number in {name} for each of the {x.shape[-3]} "
                    f"channels of a {tuple(x.shape)} image, got {len(values)}."
                )

    def __repr__(self):
        return f"Normalize(mean={self.mean}, std={self.std})"


@pg.hookimpl
def register_transforms(register):
    register(Normalize)
