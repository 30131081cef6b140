"""Logistic regression by hand: is it a three or a seven?  Only tensors and autograd."""

import gzip
import os

import numpy as np
import torch

torch.manual_seed(42)
folder = os.path.join(os.environ.get("PLUGRAD_DATA", "data"), "mnist")

with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as f:
    images = np.frombuffer(f.read(16 + 4000 * 784), np.uint8, offset=16).reshape(-1, 784)
with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as f:
    labels = np.frombuffer(f.read(8 + 4000), np.uint8, offset=8)

keep = (labels == 3) | (labels == 7)
X = torch.tensor(images[keep] / 255.0, dtype=torch.float32)
y = torch.tensor(labels[keep] == 7).float().unsqueeze(1)
n_train = int(0.8 * len(X))
X_train, X_test = X[:n_train], X[n_train:]
y_train, y_test = y[:n_train], y[n_train:]
mean, std = X_train.mean(), X_train.std()
X_train, X_test = (X_train - mean) / std, (X_test - mean) / std
print(X_train.shape, X_test.shape, y_train.dtype)

W = torch.randn(784, 1) * 0.01
W.requires_grad_()
b = torch.zeros(1, requires_grad=True)


def model(xb):
    return 1 / (1 + torch.exp(-(xb @ W + b)))


def binary_cross_entropy(p, target):
    p = p.clamp(1e-7, 1 - 1e-7)
    return -(target * torch.log(p) + (1 - target) * torch.log(1 - p)).mean()


def accuracy(xb, yb):
    with torch.no_grad():
        predicted = (model(xb) > 0.5).float()
        return (predicted == yb).float().mean().item()


lr = 0.05
weight_decay = 1e-3
batch_size = 64
losses = []

print(f"before training: accuracy {accuracy(X_test, y_test):.3f}")
for epoch in range(5):
    permutation = torch.randperm(X_train.size()[0])
    running_loss = 0.0
    for i in range(0, X_train.size(0), batch_size):
        indices = permutation[i:i + batch_size]
        batch_x, batch_y = X_train[indices], y_train[indices]

        loss = binary_cross_entropy(model(batch_x), batch_y)
        loss = loss + weight_decay * (W ** 2).sum() / 2
        loss.backward()

        with torch.no_grad():
            W -= lr * W.grad
            b -= lr * b.grad
            W.grad.zero_()
            b.grad.zero_()

        losses.append(loss.item())
        running_loss += loss.item() * len(batch_x)
    print(f"epoch {epoch}: loss {running_loss / len(X_train):.4f}, "
          f"test accuracy {accuracy(X_test, y_test):.3f}")

values, pixels = torch.topk(W.detach().abs().squeeze(), 5)
print("strongest pixels:", [divmod(p.item(), 28) for p in pixels])
print("their weights:", [round(v, 3) for v in values.tolist()])

with torch.no_grad():
    p = model(X_test)
    unsure = (p - 0.5).abs().squeeze(1).argsort()[:3]
for i in unsure:
    print(f"sample {int(i)}: p(seven) = {p[i].item():.2f}, it is a {7 if y_test[i] else 3}")
