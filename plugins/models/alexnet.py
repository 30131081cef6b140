"""AlexNet: the network with which deep learning came to large images."""

import plugrad as pg
from plugrad import nn


class AlexNet(nn.Module):
    """Five convolutions and three linear layers        (Krizhevsky, 2014, in one column)

    x: (N, 3, 224, 224) or larger   y: (N, num_classes)   61,100,840 parameters for 1000 classes;
    names and sizes are those of torchvision.
    """

    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(inplace=True),
            nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes))

    @staticmethod
    def example():
        return AlexNet(3).eval(), (pg.randn(1, 3, 64, 64),)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


@pg.hookimpl
def register_models(register):
    register(AlexNet)
