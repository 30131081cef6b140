"""What LPPool1d, 2d and 3d share."""

from math import prod

from plugrad.nn import functional
from plugrad.nn.module import Module
from plugrad.nn.windows import sizes


def lp_pool(axes, input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """y = (Σ x ** p over each window) ** (1 / p), p = norm_type, along the last `axes` axes."""
    pool = getattr(functional, f"avg_pool{axes}d")
    mean = pool(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    total = mean * prod(sizes(kernel_size, f"lp_pool{axes}d: kernel_size", axes))
    zero = total == 0                           # where the root is steep, PyTorch's gradient is 0
    return (total.masked_fill(zero, 1) ** (1 / norm_type)).masked_fill(zero, 0)


class LPPool(Module):
    """The contract of Lp poolings: a subclass says how many `axes` its windows have."""

    axes = 0

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def forward(self, x):
        return lp_pool(self.axes, x, float(self.norm_type), self.kernel_size, self.stride,
                       self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
                f"stride={self.stride}, ceil_mode={self.ceil_mode}")
