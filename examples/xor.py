"""Why networks have layers: one unit cannot learn "either, but not both", two layers can.

A single unit draws one straight line, and no line separates the corners (0, 1) and (1, 0) from
(0, 0) and (1, 1)   (Minsky and Papert, 1969).
"""

import argparse

import plugrad as pg
from plugrad import nn, optim
from plugrad.data import XOR

try:
    from matplotlib.figure import Figure
except ImportError:
    Figure = None


def models():
    return {"one unit": nn.Linear(2, 1),
            "two layers": nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))}


def train(model, points, labels, steps):
    """The loop behind every training: loss, gradients, step."""
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    loss_of = nn.BCEWithLogitsLoss()
    for _ in range(steps):
        loss = loss_of(model(points)[:, 0], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def accuracy(model, points, labels):
    with pg.no_grad():
        return ((model(points)[:, 0] > 0) == (labels > 0.5)).float().mean().item()


def draw(path, trained, points, labels):
    """Where each model says 0 (blue) and where 1 (orange)."""
    if Figure is None:
        return print("no picture: matplotlib is missing; pip install matplotlib")
    side = pg.linspace(-0.5, 1.5, 200)
    grid = pg.stack([side.expand(200, 200), side[:, None].expand(200, 200)], 2)
    figure = Figure(figsize=(8, 4), layout="constrained")
    for axes, (name, model) in zip(figure.subplots(1, 2), trained.items()):
        with pg.no_grad():
            logits = model(grid)[:, :, 0].numpy()                              # (200, 200)
        axes.contourf(side.numpy(), side.numpy(), logits > 0, levels=1, colors=["C0", "C1"],
                      alpha=0.3)
        axes.scatter(*points.T.numpy(), c=[f"C{label:.0f}" for label in labels.tolist()], s=12)
        axes.set_title(f"{name}: {accuracy(model, points, labels):.0%}")
    figure.savefig(path, dpi=150)
    print(f"saved {path}: the regions that each model has found")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 steps instead of 1000")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    pg.manual_seed(args.seed)
    points, labels = XOR(200, noise=0.1).tensors
    labels = labels.float()
    trained = models()
    for name, model in trained.items():
        train(model, points, labels, steps=200 if args.quick else 1000)
        print(f"{name:10}   accuracy {accuracy(model, points, labels):.0%}")
    draw("xor.png", trained, points, labels)


if __name__ == "__main__":
    main()
