"""Dropout1d: in training, each channel of a sequence may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def dropout1d(input, p=0.5, training=True, inplace=False):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1  (Tompson et al., 2015)

    input: (N, C, L) or (C, L).   Raises RuntimeError for others, ValueError for p outside [0, 1].
    """
    if input.ndim not in (2, 3):
        raise RuntimeError("dropout1d: expected 2D or 3D input (N, C, L) or (C, L), got a "
                           f"{input.ndim}D input of shape {tuple(input.shape)}; dropout drops "
                           "single elements of any shape")
    return nn.drop(input, p, (*input.shape[:-1], 1), training, inplace)


class Dropout1d(nn.DropoutModule):
    """y = x * m / (1 - p), each channel's m 0 with probability p and else 1; y = x after eval()

    x: (N, C, L) or (C, L).   (Tompson et al., 2015)
    """

    def forward(self, x):
        return F.dropout1d(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(Dropout1d, functional=dropout1d)
