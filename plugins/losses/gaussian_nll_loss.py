"""GaussianNLLLoss: for a network that predicts a number and how sure it is of it."""

import math

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log v + (input - target)² / v) / 2, v = max(var, eps)        full: plus log(2 pi) / 2

    input: the mean   var: the variance, a number, of input's shape, without its last dimension, or
    with one dimension of 1.   Raises ValueError for a negative variance or another shape.
    """
    nn.Loss.check_tensors("gaussian_nll_loss", input, target)
    var = fitting(var, input)
    if (var < 0).any():
        raise ValueError("gaussian_nll_loss: expected var of at least 0, got "
                         f"{var.min().item():.4g}; predict e.g. its logarithm, and use exp()")
    v = var.clone()
    with pg.no_grad():                      # the gradient passes, or a small v would stay small
        v.clamp_(min=eps)
    losses = 0.5 * (v.log() + (input - target).square() / v)
    return nn.Loss.reduce(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def fitting(var, input):
    """var as a Tensor that can be broadcast to input's shape."""
    if not isinstance(var, pg.Tensor):
        return pg.full_like(input, nn.number(var, "gaussian_nll_loss: var"))
    shape = input.shape
    if var.shape == shape[:-1] and var.ndim < len(shape):
        return var.unsqueeze(-1)
    apart = [(n, m) for n, m in zip(var.shape, shape) if n != m]
    if var.ndim != len(shape) or len(apart) > 1 or any(n != 1 for n, _ in apart):
        raise ValueError(f"gaussian_nll_loss: expected var of shape {tuple(shape)} as input, "
                         f"{tuple(shape[:-1])}, or with one dimension of 1, got {tuple(var.shape)}")
    return var


class GaussianNLLLoss(nn.Loss):
    """(log v + (input - target)² / v) / 2, v = max(var, eps)        (Nix and Weigend, 1994)

    input, target: one shape   var: a number, of input's shape, without its last dimension, or with
    one dimension of 1.   full: plus log(2 pi) / 2, which makes it the negative log-likelihood.
    By default the mean over all elements.
    """

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        super().__init__(reduction=reduction)
        self.full = nn.flag(full, "GaussianNLLLoss: full")
        self.eps = nn.number(eps, "GaussianNLLLoss: eps")

    def forward(self, input, target, var):
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)

    @staticmethod
    def example():
        x = pg.linspace(-1, 1, 6).reshape(2, 3)
        return GaussianNLLLoss(), (x, x.flip(0), x.exp())


@pg.hookimpl
def register_losses(register):
    register(GaussianNLLLoss, functional=gaussian_nll_loss)
