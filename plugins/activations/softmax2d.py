"""Softmax2d: at every place of an image, scores of channels to probabilities."""

import plugrad as pg
from plugrad import nn


class Softmax2d(nn.Module):
    """y = exp(x) / Σ exp(x), the sum over the channels        x, y: (N, C, H, W) or (C, H, W)

    Raises ValueError for other shapes.
    """

    def forward(self, x):
        if x.ndim not in (3, 4):
            raise ValueError("Softmax2d: expected images (N, C, H, W) or (C, H, W), got shape "
                             f"{tuple(x.shape)}; for another shape use nn.Softmax(dim=...)")
        return x.softmax(-3)


@pg.hookimpl
def register_activations(register):
    register(Softmax2d)
