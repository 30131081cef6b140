"""Whole training steps: zero_grad, forward, loss, backward, optimizer.

The code is the same for both libraries, but for layers that plugrad does not have yet: PyTorch
then uses its own, which is faster, and plugrad the ones in `parts`.
"""

from . import parts


def step_of(model, loss, optimizer, x, y):
    """One training step as a function without arguments; returns the loss."""

    def step():
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        return value

    return step


def images(lib, n, *shape, classes=10):
    """Random images, and a class for each."""
    return lib.randn(n, *shape), lib.randint(0, classes, (n,))


def mlp_tiny(lib):
    """2-16-16-1 ReLU, mean squared error, batch 100, SGD"""
    nn = lib.nn
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(),
                          nn.Linear(16, 1))
    return step_of(model, nn.MSELoss(), lib.optim.SGD(model.parameters(), lr=0.01),
                   lib.randn(100, 2), lib.randn(100, 1))


def mlp_sigmoid(lib):
    """784-100-10 sigmoid, cross entropy, batch 64, SGD"""
    nn = lib.nn
    model = nn.Sequential(nn.Linear(784, 100), nn.Sigmoid(), nn.Linear(100, 10))
    return step_of(model, nn.CrossEntropyLoss(), lib.optim.SGD(model.parameters(), lr=0.1),
                   *images(lib, 64, 784))


def mlp_large(lib):
    """784-1024-1024-10 ReLU, cross entropy, batch 128, Adam"""
    nn = lib.nn
    model = nn.Sequential(nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(),
                          nn.Linear(1024, 10))
    return step_of(model, nn.CrossEntropyLoss(), lib.optim.Adam(model.parameters()),
                   *images(lib, 128, 784))


def lenet5(lib):
    """LeNet-5 with tanh and average pooling on 28x28, cross entropy, batch 64, Adam"""
    nn = lib.nn
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))
    return step_of(model, nn.CrossEntropyLoss(), lib.optim.Adam(model.parameters()),
                   *images(lib, 64, 1, 28, 28))


def resnet20(lib):
    """ResNet-20 (He et al., 2016) on 3x32x32, cross entropy, batch 64, SGD with momentum"""
    model = parts.resnet20(lib)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    return step_of(model, lib.nn.CrossEntropyLoss(), optimizer, *images(lib, 64, 3, 32, 32))


def gpt(lib, vocabulary=65, context=64, batch=12):
    """GPT on characters: 4 layers, 4 heads, width 128, context 64, batch 12, AdamW"""
    model = parts.GPT(lib, vocabulary, context, width=128, heads=4, layers=4)
    optimizer = lib.optim.AdamW(model.parameters(), lr=1e-3)
    text = lib.randint(0, vocabulary, (batch, context + 1))
    return step_of(lambda x: model(x).reshape(-1, vocabulary), lib.nn.CrossEntropyLoss(), optimizer,
                   text[:, :-1], text[:, 1:].reshape(-1))


def lstm(lib, vocabulary=65, length=50, batch=32):
    """LSTM on characters: hidden 128, 50 steps, batch 32, Adam"""
    model = parts.CharLSTM(lib, vocabulary, hidden=128)
    optimizer = lib.optim.Adam(model.parameters())
    text = lib.randint(0, vocabulary, (batch, length + 1))
    return step_of(lambda x: model(x).reshape(-1, vocabulary), lib.nn.CrossEntropyLoss(), optimizer,
                   text[:, :-1], text[:, 1:].reshape(-1))


WORKLOADS = {f.__name__: f for f in (mlp_tiny, mlp_sigmoid, mlp_large, lenet5, resnet20, gpt, lstm)}
