"""A convolutional network learns to read handwritten digits.

The 1,797 images of 8 x 8 pixels come with plugrad; every fifth is kept back for the test.
"""

import argparse
import time

import plugrad as pg
from plugrad import nn, optim
from plugrad.callbacks import Callback
from plugrad.data import DataLoader, Digits, ToTensor
from plugrad.training import Trainer, accuracy

try:
    from matplotlib.figure import Figure
except ImportError:
    Figure = None


class Report(Callback):
    """One line per epoch."""

    def on_epoch_end(self, epoch, logs):
        print(f"epoch {epoch:2}   loss {logs['loss']:.4f}   accuracy {logs['accuracy']:.2%}"
              f"   on the test images {logs['val_accuracy']:.2%}")


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),         # (N, 16, 8, 8)
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),        # (N, 32, 8, 8)
        nn.MaxPool2d(2),                                                       # (N, 32, 4, 4)
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(),        # (N, 64, 4, 4)
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 10))


def draw(path, images, labels, logits):
    """The mistakes in red, then other test images, each with the network's answer."""
    if Figure is None:
        return print("no picture: matplotlib is missing; pip install matplotlib")
    answers = logits.argmax(1)
    right = answers == labels
    order = sorted(range(len(labels)), key=lambda i: right[i].item())      # False before True
    figure = Figure(figsize=(8, 4), layout="constrained")
    for axes, i in zip(figure.subplots(4, 8).flat, order):
        axes.imshow(images[i, 0].numpy(), cmap="gray_r")
        axes.set_title(answers[i].item(), color="black" if right[i] else "red", fontsize=10)
        axes.axis("off")
    figure.savefig(path, dpi=150)
    print(f"saved {path}: mistakes in red, with the network's answer")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 epochs instead of 10")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    epochs = 2 if args.quick else 10

    pg.manual_seed(args.seed)
    train = DataLoader(Digits(train=True, transform=ToTensor()), batch_size=64, shuffle=True)
    test = DataLoader(Digits(train=False, transform=ToTensor()), batch_size=500)
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, metrics=[accuracy],
                      scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
                      callbacks=[Report()])
    start = time.perf_counter()
    history = trainer.fit(train, test, epochs)
    print(f"test accuracy {history['val_accuracy'][-1]:.2%} "
          f"after {time.perf_counter() - start:.1f} s")

    images, labels = next(iter(test))
    with pg.no_grad():
        draw("digits.png", images, labels, model.eval()(images))


if __name__ == "__main__":
    main()
