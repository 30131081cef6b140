"""MaxUnpool2d: puts what max pooling kept back where it was."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The values at the places that max pooling gave, zeros elsewhere: see nn.MaxUnpool2d.

    Raises ValueError for an output_size that the pooling cannot come from, RuntimeError for
    indices of another shape or outside of the output.
    """
    nn.check_images("max_unpool2d", input, 2)
    size = nn.unpooled_size("max_unpool2d", input, kernel_size, stride, padding, output_size, 2)
    if tuple(indices.shape) != tuple(input.shape):
        raise RuntimeError(f"max_unpool2d: expected indices of the input's shape "
                           f"{tuple(input.shape)}, got {tuple(indices.shape)}")
    flat = pg.zeros((*input.shape[:-2], size[0] * size[1]), dtype=input.dtype)
    return flat.scatter(-1, indices.flatten(-2), input.flatten(-2)).unflatten(-1, size)


class MaxUnpool2d(nn.Module):
    """y[n, c, place] = x[n, c, i], with the places that MaxPool2d(return_indices=True) gave; else 0

    x, indices: (N, C, OH, OW)   y: (N, C, H, W), H = (OH - 1) * stride - 2 * padding + K
    or what a call names as output_size, up to a stride from it.   (Zeiler & Fergus, 2014)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride, self.padding, _ = nn.window(
            "MaxUnpool2d", kernel_size, stride, padding, ndim=2)

    @classmethod
    def example(cls):
        y, places = F.max_pool2d(pg.rand(2, 3, 4, 6), 2, return_indices=True)
        return cls(2), (y, places)

    def forward(self, input, indices, output_size=None):
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding,
                             output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@pg.hookimpl
def register_layers(register):
    register(MaxUnpool2d, functional=max_unpool2d)
