"""How many operations a training step must do at least: its multiply-adds, two operations each.

Forward, gradient of the input and gradient of the weights are the same number of them; the first
layer of a network has no gradient of its input to compute."""

from itertools import pairwise


def dense(n, *sizes, first=True):
    """Linear layers of these sizes one after the other, on n rows."""
    forward = [2 * n * a * b for a, b in pairwise(sizes)]
    return 3 * sum(forward) - first * forward[0]


def convolution(n, channels, filters, kernel, places, groups=1):
    """The forward pass of n images; each filter is put at so many places."""
    return 2 * n * filters * places * channels // groups * kernel ** 2


def lenet5(n=64):
    first, second = convolution(n, 1, 6, 5, 28 * 28), convolution(n, 6, 16, 5, 10 * 10)
    return 2 * first + 3 * second + dense(n, 400, 120, 84, 10, first=False)


def resnet20(n=64):
    def conv(channels, filters, places):
        return convolution(n, channels, filters, 3, places)

    later = 6 * conv(16, 16, 1024) + conv(16, 32, 256) + 5 * conv(32, 32, 256)
    later += conv(32, 64, 64) + 5 * conv(64, 64, 64)
    return 2 * conv(3, 16, 1024) + 3 * later + dense(n, 64, 10, first=False)


def gpt(vocabulary=65, context=64, batch=12, width=128, layers=4):
    """Attention counts as if every place saw all places, as it is computed."""
    block = 12 * width ** 2 + 2 * context * width           # for each token
    return 6 * batch * context * (layers * block + width * vocabulary)


def lstm(vocabulary=65, length=50, batch=32, hidden=128):
    return 6 * batch * length * (8 * hidden ** 2 + hidden * vocabulary)


WORKLOADS = {
    "mlp_tiny": dense(100, 2, 16, 16, 1),
    "mlp_sigmoid": dense(64, 784, 100, 10),
    "mlp_large": dense(128, 784, 1024, 1024, 10),
    "lenet5": lenet5(),
    "resnet20": resnet20(),
    "gpt": gpt(),
    "lstm": lstm(),
}
