"""ResNet: each block adds to what passes by."""

# Longer than most: the block, the network, and a class for each depth that has a name.
import plugrad as pg
from plugrad import nn


def conv(inside, outside, size, stride=1):
    return nn.Conv2d(inside, outside, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    """y = relu(f(x) + x), f two 3x3 convolutions or, as a bottleneck, 1x1, 3x3 and 1x1."""

    def __init__(self, inside, width, stride, bottleneck):
        super().__init__()
        sizes = (1, 3, 1) if bottleneck else (3, 3)
        outside, self.count = width * 4 if bottleneck else width, len(sizes)
        wides = [inside, *[width] * (len(sizes) - 1), outside]
        for i, size in enumerate(sizes):
            step = stride if i == len(sizes) - 2 else 1        # at the first or only 3x3
            setattr(self, f"conv{i + 1}", conv(wides[i], wides[i + 1], size, step))
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(wides[i + 1]))
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or inside != outside:
            self.downsample = nn.Sequential(conv(inside, outside, 1, stride),
                                            nn.BatchNorm2d(outside))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = self.relu(y)
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """A 7x7 convolution, four stages of blocks, a mean over places and a linear layer

    x: (N, 3, H, W)   y: (N, num_classes)   width: channels of the first stage.   Names and sizes
    are those of torchvision.   (He et al., 2016)
    """

    depths, bottleneck = (2, 2, 2, 2), False

    def __init__(self, num_classes=1000, width=64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inside, wider = width, 4 if self.bottleneck else 1
        for stage, depth in enumerate(self.depths):
            blocks = []
            for i in range(depth):
                stride = 2 if stage > 0 and i == 0 else 1
                blocks.append(Block(inside, width, stride, self.bottleneck))
                inside = width * wider
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            width *= 2
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(inside, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @classmethod
    def example(cls):
        return cls(3, width=2), (pg.randn(2, 3, 32, 32),)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class ResNet18(ResNet):
    """ResNet with 18 layers        (He et al., 2016)"""


class ResNet34(ResNet):
    """ResNet with 34 layers        (He et al., 2016)"""

    depths = (3, 4, 6, 3)


class ResNet50(ResNet34):
    """ResNet with 50 layers, in bottlenecks        (He et al., 2016)"""

    bottleneck = True


class ResNet152(ResNet50):
    """ResNet with 152 layers, in bottlenecks        (He et al., 2016)"""

    depths = (3, 8, 36, 3)


@pg.hookimpl
def register_models(register):
    register(ResNet18)
    register(ResNet34)
    register(ResNet50)
    register(ResNet152)
