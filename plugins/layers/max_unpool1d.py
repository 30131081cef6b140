"""MaxUnpool1d: puts what max pooling kept back where it was."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The values at the places that max pooling gave, zeros elsewhere: see nn.MaxUnpool1d.

    Raises ValueError for an output_size that the pooling cannot come from, RuntimeError for
    indices of another shape or outside of the output.
    """
    nn.check_images("max_unpool1d", input, 1)
    size = nn.unpooled_size("max_unpool1d", input, kernel_size, stride, padding, output_size, 1)
    if tuple(indices.shape) != tuple(input.shape):
        raise RuntimeError(f"max_unpool1d: expected indices of the input's shape "
                           f"{tuple(input.shape)}, got {tuple(indices.shape)}")
    flat = pg.zeros((*input.shape[:-1], size[0]), dtype=input.dtype)
    return flat.scatter(-1, indices.flatten(-1), input.flatten(-1)).unflatten(-1, size)


class MaxUnpool1d(nn.Module):
    """y[n, c, place] = x[n, c, i], with the places that MaxPool1d(return_indices=True) gave; else 0

    x, indices: (N, C, OL)   y: (N, C, L), L = (OL - 1) * stride - 2 * padding + K
    or what a call names as output_size, up to a stride from it.   (Zeiler & Fergus, 2014)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride, self.padding, _ = nn.window(
            "MaxUnpool1d", kernel_size, stride, padding, ndim=1)

    @classmethod
    def example(cls):
        y, places = F.max_pool1d(pg.rand(2, 3, 6), 2, return_indices=True)
        return cls(2), (y, places)

    def forward(self, input, indices, output_size=None):
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding,
                             output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(MaxUnpool1d, functional=max_unpool1d)
