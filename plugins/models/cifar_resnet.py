"""ResNets for small images: three stages of 16, 32 and 64 channels."""

# Longer than most: the block, the network, and a class for each depth that has a name.
import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

SHORTCUTS = ("identity", "scaled", "convolution", "dropout")


class Shortcut(nn.Module):
    """What passes by a block: x itself, half of it, a 1x1 convolution of it, or x with dropout

    Where the size changes, every second pixel is taken, and channels of zeros fill up, except for
    the convolution, which does both.   (He et al., 2016 a, b)
    """

    def __init__(self, kind, inside, outside, stride):
        super().__init__()
        self.kind, self.more, self.stride = kind, outside - inside, stride
        if kind == "convolution":
            self.conv = nn.Conv2d(inside, outside, 1, stride, bias=False)
        self.dropout = nn.Dropout(0.5 if kind == "dropout" else 0.0)

    def forward(self, x):
        if self.kind == "convolution":
            return self.conv(x)
        if self.stride > 1:
            x = x[:, :, ::self.stride, ::self.stride]
        if self.more:
            x = F.pad(x, (0, 0, 0, 0, self.more // 2, self.more - self.more // 2))
        return x / 2 if self.kind == "scaled" else self.dropout(x)


class CIFARResNet(nn.Sequential):
    """6 n + 2 layers on (N, 3, 32, 32): a convolution, 3 stages of n blocks, a mean, a linear layer

    y: (N, num_classes)   shortcut: "identity", "scaled", "convolution" or "dropout", what passes
    by each block.   (He et al., 2016)
    """

    blocks = 3

    def __init__(self, num_classes=10, shortcut="identity"):
        super().__init__(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        nn.choice(shortcut, f"{type(self).__name__}: shortcut", SHORTCUTS)
        inside = 16
        for outside in (16, 32, 64):
            for _ in range(self.blocks):
                stride = 2 if inside < outside else 1
                branch = nn.Sequential(
                    nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False),
                    nn.BatchNorm2d(outside), nn.ReLU(),
                    nn.Conv2d(outside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside))
                self.append(nn.Residual(branch, Shortcut(shortcut, inside, outside, stride)))
                self.append(nn.ReLU())
                inside = outside
        self.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, num_classes)])
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    @classmethod
    def example(cls):
        return cls(3), (pg.randn(2, 3, 8, 8),)


class ResNet20(CIFARResNet):
    """CIFARResNet with 20 layers        (He et al., 2016)"""


class ResNet32(CIFARResNet):
    """CIFARResNet with 32 layers        (He et al., 2016)"""

    blocks = 5


class ResNet44(CIFARResNet):
    """CIFARResNet with 44 layers        (He et al., 2016)"""

    blocks = 7


class ResNet56(CIFARResNet):
    """CIFARResNet with 56 layers        (He et al., 2016)"""

    blocks = 9


class ResNet110(CIFARResNet):
    """CIFARResNet with 110 layers        (He et al., 2016)"""

    blocks = 18


@pg.hookimpl
def register_models(register):
    register(ResNet20)
    register(ResNet32)
    register(ResNet44)
    register(ResNet56)
    register(ResNet110)
