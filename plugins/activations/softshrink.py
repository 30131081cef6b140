"""Softshrink: every number comes nearer to 0 by the same amount, and stops there."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def softshrink(input, lambd=0.5):
    """y = x - min(max(x, -lambd), lambd)   (Donoho, 1995)

    Raises RuntimeError if lambd is negative or infinite.
    """
    nn.floating(input, "softshrink")
    if not 0 <= lambd < float("inf"):
        raise RuntimeError(f"softshrink: expected a finite lambd of 0 or more, got {lambd}")
    return input - input.clamp(-lambd, lambd)


class Softshrink(nn.Module):
    """y = x - min(max(x, -lambd), lambd)   (Donoho, 1995)

    A call raises RuntimeError if lambd is negative or infinite.
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = nn.number(lambd, "Softshrink: lambd")

    def forward(self, x):
        return F.softshrink(x, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


@pg.hookimpl
def register_activations(register):
    register(Softshrink, functional=softshrink)
