"""FeatureAlphaDropout: whole channels may be missing, and mean and variance stay."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """alpha_dropout of whole channels: y = a * (x where it stays, else -α) + a α p

    input: (N, C, ...).   (Klambauer et al., 2017)
    Raises RuntimeError for fewer than 2 dimensions, ValueError for p outside [0, 1].
    """
    if training and 0 < p < 1 and input.ndim < 2:
        raise RuntimeError("feature_alpha_dropout: expected at least 2 dimensions (N, C, ...), "
                           f"got shape {tuple(input.shape)}; alpha_dropout takes any")
    shape = (*input.shape[:2], *[1] * (input.ndim - 2))
    return nn.alpha_drop(input, p, shape, training, inplace)


class FeatureAlphaDropout(nn.DropoutModule):
    """y = a * (x where it stays, else -α) + a α p, which keeps mean 0 and variance 1

    x: (N, C, ...); each channel is replaced with probability p; y = x after eval().
    See F.alpha_dropout.   (Klambauer et al., 2017)
    """

    def forward(self, x):
        return F.feature_alpha_dropout(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(FeatureAlphaDropout, functional=feature_alpha_dropout)
