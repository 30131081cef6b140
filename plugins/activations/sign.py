"""Sign: the answer of a perceptron, yes or no."""

import plugrad as pg
from plugrad import nn


class Sign(nn.Module):
    """y = 1 where x > 0, -1 where x < 0, 0 at 0   (Rosenblatt, 1958)

    The gradient is 0 everywhere: what lies before it does not learn by gradients.
    """

    def forward(self, x):
        return x.sign()


@pg.hookimpl
def register_activations(register):
    register(Sign)
