"""Watch a border bend: a small network learns to tell two interleaved half moons apart."""

import argparse

import plugrad as pg
from plugrad import nn, optim
from plugrad.data import DataLoader, TwoMoons

try:
    from matplotlib.figure import Figure
except ImportError:
    Figure = None


def probabilities(model, points):
    """How likely the model takes each point to be of moon 1."""
    with pg.no_grad():
        return model(points).softmax(-1)[..., 1]


def accuracy(model, points, labels):
    return ((probabilities(model, points) > 0.5) == (labels == 1)).float().mean().item()


def draw(path, pictures, points, labels, x, y):
    """One picture per epoch that was kept: the model's opinion over the whole plane."""
    if Figure is None:
        return print("no picture: matplotlib is missing; pip install matplotlib")
    figure = Figure(figsize=(3 * len(pictures), 3), layout="constrained")
    for axes, (epoch, picture) in zip(figure.subplots(1, len(pictures)), pictures.items()):
        axes.contourf(x.numpy(), y.numpy(), picture, levels=10, cmap="PuOr_r", alpha=0.5)
        axes.contour(x.numpy(), y.numpy(), picture, levels=[0.5], colors="black")
        axes.scatter(*points.T.numpy(), c=labels.numpy(), cmap="PuOr_r", s=8)
        axes.set_title(f"epoch {epoch}")
        axes.axis("off")
    figure.savefig(path, dpi=150)
    print(f"saved {path}: the border after epochs {', '.join(map(str, pictures))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 epochs instead of 100")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    pg.manual_seed(args.seed)
    moons, unseen = TwoMoons(400, noise=0.15), TwoMoons(400, noise=0.15)
    loader = DataLoader(moons, batch_size=50, shuffle=True)
    x, y = pg.linspace(-1.5, 2.5, 160), pg.linspace(-1.0, 1.5, 100)
    plane = pg.stack([x.expand(100, 160), y[:, None].expand(100, 160)], 2)    # (100, 160, 2)

    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(),
                          nn.Linear(16, 2))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loss_of = nn.CrossEntropyLoss()
    shown = (1, 4, 10) if args.quick else (1, 4, 10, 100)
    pictures = {}
    for epoch in range(1, shown[-1] + 1):
        for points, labels in loader:
            loss = loss_of(model(points), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch in shown:
            print(f"epoch {epoch:3}   loss {loss.item():.4f}   "
                  f"accuracy on unseen points {accuracy(model, *unseen.tensors):.1%}")
            pictures[epoch] = probabilities(model, plane).numpy()
    draw("moons.png", pictures, *unseen.tensors, x, y)


if __name__ == "__main__":
    main()
