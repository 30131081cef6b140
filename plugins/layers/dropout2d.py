"""Dropout2d: in training, each channel of an image may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.utils import warn


def dropout2d(input, p=0.5, training=True, inplace=False):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1  (Tompson et al., 2015)

    input: (N, C, H, W).  Any other is taken as (N, C, ...), with a warning.
    Raises ValueError for p outside [0, 1].
    """
    if input.ndim == 3:
        warn(f"dropout2d: a 3D input of shape {tuple(input.shape)} is taken as (N, C, L); for one "
             "image (C, H, W) write x.unsqueeze(0), and for sequences use dropout1d")
    elif input.ndim != 4:
        warn(f"dropout2d: expected (N, C, H, W), got shape {tuple(input.shape)}: its first two "
             "dimensions are taken as N, C; dropout drops single elements of any shape")
    shape = (*input.shape[:2], *[1] * (input.ndim - 2))
    return nn.drop(input, p, shape, training, inplace)


class Dropout2d(nn.DropoutModule):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1; y = x after eval()

    x: (N, C, H, W).   (Tompson et al., 2015)
    """

    def forward(self, x):
        return F.dropout2d(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(Dropout2d, functional=dropout2d)
