"""MaxUnpool3d: puts what max pooling kept back where it was."""

from math import prod

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The values at the places that max pooling gave, zeros elsewhere: see nn.MaxUnpool3d.

    Raises ValueError for an output_size that the pooling cannot come from, RuntimeError for
    indices of another shape or outside of the output.
    """
    nn.check_images("max_unpool3d", input, 3)
    size = nn.unpooled_size("max_unpool3d", input, kernel_size, stride, padding, output_size, 3)
    if tuple(indices.shape) != tuple(input.shape):
        raise RuntimeError(f"max_unpool3d: expected indices of the input's shape "
                           f"{tuple(input.shape)}, got {tuple(indices.shape)}")
    flat = pg.zeros((*input.shape[:-3], prod(size)), dtype=input.dtype)
    return flat.scatter(-1, indices.flatten(-3), input.flatten(-3)).unflatten(-1, size)


class MaxUnpool3d(nn.Module):
    """y[n, c, place] = x[n, c, i], with the places that MaxPool3d(return_indices=True) gave; else 0

    x, indices: (N, C, OD, OH, OW)   D = (OD - 1) * stride - 2 * padding + K in y: (N, C, D, H, W)
    or what a call names as output_size, up to a stride from it.   (Zeiler & Fergus, 2014)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride, self.padding, _ = nn.window(
            "MaxUnpool3d", kernel_size, stride, padding, ndim=3)

    @classmethod
    def example(cls):
        y, places = F.max_pool3d(pg.rand(1, 2, 4, 4, 4), 2, return_indices=True)
        return cls(2), (y, places)

    def forward(self, input, indices, output_size=None):
        return F.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding,
                             output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(MaxUnpool3d, functional=max_unpool3d)
