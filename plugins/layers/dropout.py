"""Dropout: in training, each element may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def dropout(input, p=0.5, training=True, inplace=False):
    """y = x * m / (1 - p), each m 0 with probability p and else 1; y = x if not training.

    (Srivastava et al., 2014)   Raises ValueError for p outside [0, 1].
    """
    return nn.drop(input, p, input.shape, training, inplace)


class Dropout(nn.DropoutModule):
    """y = x * m / (1 - p), each m 0 with probability p and else 1; y = x after eval()"""

    def forward(self, x):
        return F.dropout(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(Dropout, functional=dropout)
