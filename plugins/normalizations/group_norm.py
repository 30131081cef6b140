"""GroupNorm: groups of channels of each sample normalized by themselves."""

# Longer than most: its gradient is written twice, by the kernel and in operations on tensors.
from math import prod

import plugrad as pg
import plugrad.plugins.normalizations._group_norm as kernels
from plugrad import nn
from plugrad.nn import functional as F


class Groups(pg.Op):
    """y = w * (x - mean) * rstd + b        x, y: (N, C, L)   w, b: (C,)

    mean and rstd = 1 / √(var + eps) of the C / groups channels of each group together.
    """

    def __init__(self, groups, eps):
        self.groups, self.eps = groups, eps

    def forward(self, x, w, b):
        y, self.stats = kernels.group_norm_forward(x, w, b, self.groups, self.eps)
        self.save(x, w)
        return y

    def vjp(self, g):
        x, w = self.saved
        if pg.is_grad_enabled():
            return gradient_in_tensors(g, x, w, self.groups, self.eps)
        g, x, w = (t.numpy(force=True) for t in (g, x, w))
        found = kernels.group_norm_backward(g, x, w, self.stats, self.groups, self.needs(0))
        return tuple(None if d is None else pg.from_numpy(d) for d in found)


def gradient_in_tensors(g, x, w, groups, eps):
    """dx, dw, db in Tensor operations, which can be differentiated again."""
    N, C, L = x.shape
    shape = N, groups, C // groups * L
    h = (g * w.unsqueeze(-1)).reshape(shape)
    centered = x.reshape(shape)
    centered = centered - centered.mean(-1, True)
    rstd = ((centered * centered).mean(-1, True) + eps).rsqrt()
    xhat = centered * rstd
    dx = rstd * (h - h.mean(-1, True) - xhat * (h * xhat).mean(-1, True))
    return dx.reshape(x.shape), (g * xhat.reshape(x.shape)).sum((0, 2)), g.sum((0, 2))


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """y = weight * (x - mean) / √(var + eps) + bias; mean, var of C / num_groups channels together

    input: (N, C, ...)   weight, bias: (C,) or None.   (Wu & He, 2018)
    Raises RuntimeError if the channels make no such groups, ValueError for one value in all.
    """
    if input.ndim < 2:
        raise RuntimeError("group_norm: expected at least 2 dimensions (N, C, ...), got shape "
                           f"{tuple(input.shape)}")
    N, C = input.shape[:2]
    if num_groups < 1 or C % num_groups:
        raise RuntimeError(f"group_norm: expected channels that num_groups={num_groups} divides, "
                           f"got input of shape {tuple(input.shape)}")
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and tuple(x.shape) != (C,):
            raise RuntimeError(f"group_norm: expected {name} of shape ({C},) for input of shape "
                               f"{tuple(input.shape)}, got {tuple(x.shape)}")
    if input.numel() == N * num_groups == num_groups:
        raise ValueError("group_norm: expected more than 1 value per group, got input size "
                         f"{tuple(input.shape)}")
    w = input.new_ones(C) if weight is None else weight
    b = input.new_zeros(C) if bias is None else bias
    y = Groups(num_groups, eps)(input.reshape(N, C, prod(input.shape[2:])), w, b)
    return y.reshape(input.shape)


class GroupNorm(nn.Module):
    """y = weight * (x - mean) / √(var + eps) + bias; mean, var of C / num_groups channels together

    x: (N, C, ...).   weight and bias, one number a channel, begin as 1 and 0.   (Wu & He, 2018)
    """

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None,
                 *, bias=True):
        super().__init__()
        self.num_groups = nn.integer(num_groups, "GroupNorm: num_groups", least=1)
        self.num_channels = nn.integer(num_channels, "GroupNorm: num_channels", least=0)
        if self.num_channels % self.num_groups:
            raise ValueError(f"GroupNorm: num_channels ({num_channels}) must be divisible by "
                             f"num_groups ({num_groups})")
        self.eps, self.affine = nn.number(eps, "GroupNorm: eps"), affine
        for name, given in (("weight", affine), ("bias", affine and bias)):
            x = pg.empty(self.num_channels, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(x) if given else None)
        self.reset_parameters()

    @staticmethod
    def example():
        return GroupNorm(2, 4), pg.randn(3, 4, 5)

    def reset_parameters(self):
        """Begin anew: normalize, and nothing else."""
        with pg.no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def forward(self, x):
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
                f"bias={self.bias is not None}")


@pg.hookimpl
def register_normalizations(register):
    register(GroupNorm, functional=group_norm)
