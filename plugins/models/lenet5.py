"""LeNet5: the network that read checks, as it was in 1998."""

import plugrad as pg
from plugrad import nn


class Squash(nn.Module):
    """y = 1.7159 tanh(2 x / 3): the slope at ±1 is the largest (LeCun, 1989)."""

    def forward(self, x):
        return 1.7159 * (x * (2 / 3)).tanh()


class Codes(nn.Module):
    """y[n, c] = Σ (x[n] - code[c])²        x: (N, features)   y: (N, classes), small where alike

    code: ±1, drawn once and not learned; LeCun et al. (1998) drew the characters themselves.
    """

    def __init__(self, features, classes):
        super().__init__()
        generator = pg.Generator()
        generator.manual_seed(1998)
        code = pg.rand(classes, features, generator=generator)
        self.register_buffer("code", (code > 0.5) * 2.0 - 1.0)

    def forward(self, x):
        return ((x.unsqueeze(1) - self.code) ** 2).sum(-1)


class LeNet5(nn.Sequential):
    """C1 S2 C3 S4 C5 F6 and a distance to the code of each class        (LeCun et al., 1998)

    x: (N, 1, 32, 32)   y: (N, classes) scores, the largest for the nearest code: for
    CrossEntropyLoss.  60,000 parameters learn; C3 sees its inputs by the table of 1998.
    """

    def __init__(self, classes=10):
        super().__init__(
            nn.Conv2d(1, 6, 5), nn.Subsampling2d(6), Squash(),
            nn.ConnectedConv2d(6, 16, 5, nn.ConnectedConv2d.LENET5_C3), nn.Subsampling2d(16),
            Squash(), nn.Conv2d(16, 120, 5), Squash(), nn.Flatten(), nn.Linear(120, 84), Squash(),
            Codes(84, classes))

    @staticmethod
    def example():
        return LeNet5(), (pg.randn(2, 1, 32, 32),)

    def forward(self, x):
        return -super().forward(x)


@pg.hookimpl
def register_models(register):
    register(LeNet5)
