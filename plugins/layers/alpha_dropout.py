"""AlphaDropout: elements may be missing, and mean and variance stay, as SELU needs them."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """y = a * (x where it stays, else -α) + a α p        α = 1.0507 * 1.6733, the limit of -SELU

    a = 1 / √((1 + p α²) (1 - p)): x of mean 0 and variance 1 keeps them  (Klambauer et al., 2017).
    p = 1 gives zeros; y = x if not training.   Raises ValueError for p outside [0, 1].
    """
    return nn.alpha_drop(input, p, input.shape, training, inplace)


class AlphaDropout(nn.DropoutModule):
    """y = a * (x where it stays, else -α) + a α p, which keeps mean 0 and variance 1

    Each element is replaced with probability p; y = x after eval().  See F.alpha_dropout.
    (Klambauer et al., 2017)
    """

    def forward(self, x):
        return F.alpha_dropout(x, self.p, self.training, self.inplace)


@pg.hookimpl
def register_layers(register):
    register(AlphaDropout, functional=alpha_dropout)
