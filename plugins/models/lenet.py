"""LeNet1989 and LeNet5: the network that read zip codes, and the one that read checks."""

# Longer than most: two networks of one family, and the parts that they alone have.
import plugrad as pg
from plugrad import nn


class Squash(nn.Module):
    """y = 1.7159 tanh(2 x / 3): the slope at ±1 is the largest (LeCun, 1989)."""

    def forward(self, x):
        return 1.7159 * (x * (2 / 3)).tanh()


class UnitBias(nn.Module):
    """y = x + b        x: (N, *shape)   b: shape, uniform in ±bound at first

    A bias for each unit, where Conv2d has one for each map.
    """

    def __init__(self, bound, *shape):
        super().__init__()
        self.bias = nn.Parameter(pg.empty(shape).uniform_(-bound, bound))

    def forward(self, x):
        return x + self.bias


class LeNet1989(nn.Sequential):
    """H1, H2: 12 maps each, convolved with stride 2; H3: 30 units; 10 out   (LeCun et al., 1989)

    x: (N, 1, 16, 16) from -1, the background, to 1   y: (N, 10) within ±1.7159, the targets being
    ±1 with MSELoss.  9,760 parameters, every unit with a bias of its own, drawn in ±2.4/inputs.
    Map o of H2 sees 8 maps of H1: o, o + 1, ..., o + 7 modulo 12, since the paper does not print
    its table.
    """

    def __init__(self):
        eight = [[(o + i) % 12 for i in range(8)] for o in range(12)]
        super().__init__(
            nn.ConstantPad2d(2, -1.0), nn.Conv2d(1, 12, 5, 2, bias=False),
            UnitBias(2.4 / 25, 12, 8, 8), Squash(),
            nn.ConstantPad2d(2, -1.0), nn.ConnectedConv2d(12, 12, 5, eight, 2, bias=False),
            UnitBias(2.4 / 200, 12, 4, 4), Squash(), nn.Flatten(),
            nn.Linear(192, 30), Squash(), nn.Linear(30, 10), Squash())
        with pg.no_grad():
            for i, inputs in ((1, 25), (5, 200), (9, 192), (11, 30)):
                for parameter in self[i].parameters():
                    parameter.uniform_(-2.4 / inputs, 2.4 / inputs)

    @staticmethod
    def example():
        return LeNet1989(), (pg.randn(2, 1, 16, 16),)


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
    register(LeNet1989)
    register(LeNet5)
