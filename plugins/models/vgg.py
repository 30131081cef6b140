"""VGG: small filters, one convolution upon the other."""

import plugrad as pg
from plugrad import nn


class VGG(nn.Module):
    """Stages of 3x3 convolutions, halved by pooling, then three linear layers

    x: (N, 3, 224, 224) or larger   y: (N, num_classes)   `depths`: convolutions in each stage.
    batch_norm: after each convolution.   width: channels of the first stage.   Names, sizes and
    first weights are those of torchvision.   (Simonyan & Zisserman, 2015)
    """

    depths = (1, 1, 2, 2, 2)

    def __init__(self, num_classes=1000, batch_norm=False, dropout=0.5, width=64):
        super().__init__()
        layers, inside = [], 3
        for depth, times in zip(self.depths, (1, 2, 4, 8, 8)):
            outside = width * times
            for _ in range(depth):
                layers.append(nn.Conv2d(inside, outside, 3, padding=1))
                layers += [nn.BatchNorm2d(outside)] if batch_norm else []
                layers.append(nn.ReLU(inplace=True))
                inside = outside
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(inside * 7 * 7, 64 * width), nn.ReLU(inplace=True), nn.Dropout(dropout),
            nn.Linear(64 * width, 64 * width), nn.ReLU(inplace=True), nn.Dropout(dropout),
            nn.Linear(64 * width, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)

    @classmethod
    def example(cls):
        return cls(3, width=2).eval(), (pg.randn(1, 3, 32, 32),)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class VGG11(VGG):
    """VGG with 8 convolutions        (Simonyan & Zisserman, 2015, A)"""


class VGG16(VGG):
    """VGG with 13 convolutions        (Simonyan & Zisserman, 2015, D)"""

    depths = (2, 2, 3, 3, 3)


class VGG19(VGG):
    """VGG with 16 convolutions        (Simonyan & Zisserman, 2015, E)"""

    depths = (2, 2, 4, 4, 4)


@pg.hookimpl
def register_models(register):
    register(VGG11)
    register(VGG16)
    register(VGG19)
