"""Dropout3d: in training, each channel of a volume may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.utils import warn


def dropout3d(input, p=0.5, training=True, inplace=False):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1  (Tompson et al., 2015)

    input: (N, C, D, H, W) or (C, D, H, W).  Any other is taken as (C, ...), with a warning.
    Raises ValueError for p outside [0, 1].
    """
    if input.ndim not in (4, 5):
        warn(f"dropout3d: expected (N, C, D, H, W) or (C, D, H, W), got shape "
             f"{tuple(input.shape)}: its first dimension is taken as C; dropout drops single "
             "elements of any shape")
    lead = 2 if input.ndim == 5 else 1
    shape = (*input.shape[:lead], *[1] * (input.ndim - lead))
    return nn.drop(input, p, shape, training, inplace)


class Dropout3d(nn.DropoutModule):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1; y = x after eval()

    x: (N, C, D, H, W) or (C, D, H, W).   (Tompson et al., 2015)
    """

    def forward(self, x):
        return F.dropout3d(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(Dropout3d, functional=dropout3d)
