"""Your own activation: a file of 12 lines is found, tested and trained with.

The file is my_activation.py, beside this one.  Change it and run this again.
"""

import argparse
from pathlib import Path

import plugrad as pg
from plugrad import nn, optim
from plugrad.data import DataLoader, Digits, ToTensor
from plugrad.testing import check_component
from plugrad.training import Trainer, accuracy

try:
    from matplotlib.figure import Figure
except ImportError:
    Figure = None


def learn(activation, epochs, seed):
    """The test accuracy on Digits after every epoch of a network with that activation."""
    pg.manual_seed(seed)
    train = DataLoader(Digits(train=True, transform=ToTensor()), batch_size=64, shuffle=True)
    test = DataLoader(Digits(train=False, transform=ToTensor()), batch_size=500)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), activation(), nn.Linear(64, 64),
                          activation(), nn.Linear(64, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, metrics=[accuracy])
    return trainer.fit(train, test, epochs)["val_accuracy"]


def draw(path, x, curves, results):
    """Each activation with its derivative, and how well networks with it have learned."""
    if Figure is None:
        return print("no picture: matplotlib is missing; pip install matplotlib")
    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, (name, (y, slope)) in enumerate(curves.items()):
        left.plot(x, y, f"C{i}", label=name)
        left.plot(x, slope, f"C{i}:")
        right.plot(range(1, len(results[name]) + 1), results[name], f"C{i}", label=name)
    left.set_title("the activation, and its derivative (dotted)")
    right.set_title("test accuracy by epoch")
    right.legend()
    figure.savefig(path, dpi=150)
    print(f"saved {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 epochs instead of 20")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    pg.load_plugin(Path(__file__).with_name("my_activation.py"))
    print("found:  nn.Snake,", nn.Snake.__doc__)
    check_component("activations", "Snake")
    print("tested: derivatives of first and second order, dtypes, saving, odd inputs")

    x = pg.linspace(-4, 4, 200, requires_grad=True)
    curves, results = {}, {}
    for activation in (nn.Snake, nn.ReLU):
        y = activation()(x)
        slope = pg.autograd.grad(y.sum(), x)[0]
        name = activation.__name__
        curves[name] = y.detach().numpy(), slope.numpy()
        results[name] = learn(activation, 2 if args.quick else 20, args.seed)
        print(f"trained with {name:6} test accuracy {results[name][-1]:.2%}")
    draw("your_own_activation.png", x.detach().numpy(), curves, results)


if __name__ == "__main__":
    main()
