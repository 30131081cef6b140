"""LeNet-5, with today's ReLU and max pooling, reads MNIST or sorts clothes (LeCun et al., 1998)."""

import argparse
import time

import plugrad as pg
from plugrad import nn, optim
from plugrad.callbacks import Callback, ProgressBar
from plugrad.data import MNIST, Compose, DataLoader, FashionMNIST, Normalize, Subset, ToTensor
from plugrad.training import Trainer, accuracy

try:
    from matplotlib.figure import Figure
except ImportError:
    Figure = None

DATA = {"mnist": (MNIST, 0.1307, 0.3081), "fashion": (FashionMNIST, 0.2860, 0.3530)}


class Report(Callback):
    """One line per epoch."""

    def on_epoch_end(self, epoch, logs):
        print(f"epoch {epoch}   loss {logs['loss']:.4f}   accuracy {logs['accuracy']:.2%}"
              f"   on the test images {logs['val_accuracy']:.2%}")


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),             # (N, 6, 14, 14)
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),                       # (N, 16, 5, 5)
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def draw(path, filters):
    """The six filters of the first layer: white is zero."""
    if Figure is None:
        return print("no picture: matplotlib is missing; pip install matplotlib")
    most = filters.abs().max().item()
    figure = Figure(figsize=(8, 1.6), layout="constrained")
    for axes, kernel in zip(figure.subplots(1, 6), filters):
        axes.imshow(kernel[0].numpy(), cmap="RdBu", vmin=-most, vmax=most)
        axes.axis("off")
    figure.savefig(path, dpi=150)
    print(f"saved {path}: what the first layer looks for")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=DATA, default="mnist")
    parser.add_argument("--root", help="folder of the files; else $PLUGRAD_DATA, or a download")
    parser.add_argument("--quick", action="store_true", help="1 epoch on a part of the images")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    pg.manual_seed(args.seed)
    dataset, mean, std = DATA[args.data]
    transform = Compose([ToTensor(), Normalize(mean, std)])
    parts = [dataset(args.root, train=train, transform=transform) for train in (True, False)]
    epochs = 5
    if args.quick:
        epochs, parts = 1, [Subset(part, range(2000)) for part in parts]
    train, test = DataLoader(parts[0], 64, shuffle=True), DataLoader(parts[1], 500)

    model = lenet5()
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, metrics=[accuracy],
                      scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
                      callbacks=[ProgressBar(leave=False), Report()])
    start = time.perf_counter()
    reached = trainer.fit(train, test, epochs)["val_accuracy"][-1]
    print(f"test accuracy {reached:.2%} after {time.perf_counter() - start:.0f} s")
    draw("lenet5.png", model[0].weight.detach())


if __name__ == "__main__":
    main()
