"""Residual: what a branch finds is added to what goes past it."""

import plugrad as pg
from plugrad import nn


class Residual(nn.Module):
    """y = shortcut(x) + branch(x)                                             (He et al., 2016)

    branch: any module or function of x; shortcut: another, or None for x itself.  Raises
    RuntimeError if their results have different shapes.
    """

    def __init__(self, branch, shortcut=None):
        super().__init__()
        for name, part in (("branch", branch), ("shortcut", shortcut or branch)):
            if isinstance(part, type) or not callable(part):
                raise TypeError(f"Residual: {name}: expected a module or a function, got {part!r}; "
                                "make an object of a class by adding ()")
        self.branch, self.shortcut = branch, shortcut

    @staticmethod
    def example():
        return Residual(nn.Linear(3, 2), nn.Linear(3, 2, bias=False)), (pg.randn(4, 3),)

    def forward(self, x):
        past = x if self.shortcut is None else self.shortcut(x)
        y = self.branch(x)
        if y.shape != past.shape:
            raise RuntimeError(
                f"Residual: expected branch and shortcut to agree for x {tuple(x.shape)}, got "
                f"{tuple(y.shape)} and {tuple(past.shape)}; give a shortcut that makes the shape "
                "of the branch")
        return past + y


@pg.hookimpl
def register_layers(register):
    register(Residual)
