"""DropPath: in training, whole samples of a residual branch may be missing."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def drop_path(input, p=0.0, training=False, scale_by_keep=True):
    """y = x * m / (1 - p), each sample's m 0 with probability p and else 1   (Huang et al., 2016)

    input: (N, ...).   scale_by_keep=False leaves out the division.   y = x if not training.
    Raises ValueError for p outside [0, 1], RuntimeError for a 0-d input.
    """
    y = F.stochastic_depth(input, p, "row", training)
    return y if scale_by_keep or not training or p == 1 else y * (1 - p)


class DropPath(nn.Module):
    """y = x * m / (1 - p), each sample's m 0 with probability p and else 1; y = x after eval()

    x: (N, ...), the output of a residual branch: z + DropPath(0.1)(branch(z)).
    scale_by_keep=False leaves out the division.   (Huang et al., 2016)
    """

    def __init__(self, p=0.0, scale_by_keep=True):
        super().__init__()
        self.p = nn.number(p, "DropPath: p", 0, 1)
        self.scale_by_keep = nn.flag(scale_by_keep, "DropPath: scale_by_keep")

    def forward(self, x):
        return F.drop_path(x, self.p, self.training, self.scale_by_keep)

    def extra_repr(self):
        text = f"p={self.p}"
        return text if self.scale_by_keep else f"{text}, scale_by_keep=False"


@pg.hookimpl
def register_layers(register):
    register(DropPath, functional=drop_path)
