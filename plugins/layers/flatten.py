"""Flatten: several dimensions become one."""

import plugrad as pg
from plugrad import nn


class Flatten(nn.Module):
    """y = x with the dimensions start_dim .. end_dim laid out in one; (N, C, H, W) -> (N, C*H*W)"""

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim = nn.integer(start_dim, "Flatten: start_dim")
        self.end_dim = nn.integer(end_dim, "Flatten: end_dim")

    def forward(self, x):
        return x.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


@pg.hookimpl
def register_layers(register):
    register(Flatten)
