"""MaxPool3d: the largest element of each window of a volume."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
               return_indices=False):
    """The largest element of each window: see nn.MaxPool3d; with return_indices, and its place.

    Raises RuntimeError if the kernel does not fit, ValueError for padding above half a kernel.
    """
    if nn.check_images("max_pool3d", input, 3):
        found = max_pool3d(input.unsqueeze(0), kernel_size, stride, padding, dilation, ceil_mode,
                           True)
        return tuple(y.squeeze(0) for y in found) if return_indices else found[0].squeeze(0)
    flat, deep = [], []
    for option in nn.window("max_pool3d", kernel_size, stride, padding, dilation, ndim=3):
        flat.append(option[1:])
        deep.append(option[0])
    K, S, P, D = deep
    # The maximum of each slice first, then of the slices: depth is a column, a slice a row of it.
    y, within = F.max_pool2d(input.flatten(0, 1), *flat, ceil_mode, True)        # (N*C, D, OH, OW)
    size, area = y.shape[2:], input.shape[3] * input.shape[4]
    y, at = F.max_pool2d(y.flatten(2).unsqueeze(1), (K, 1), (S, 1), (P, 0), (D, 1), ceil_mode, True)
    at = at.squeeze(1) // max(size[0] * size[1], 1)                                   # the slice
    places = within.flatten(2).gather(1, at) + at * area
    y, places = (part.reshape(*input.shape[:2], at.shape[1], *size) for part in (y, places))
    return (y, places) if return_indices else y


class MaxPool3d(nn.Module):
    """y[n, c, i, j, k] = max of x[n, c] over window (i, j, k)   x: (N, C, D, H, W)

    y: (N, C, OD, OH, OW)   OD = (D + 2 * padding - dilation * (K - 1) - 1) // stride + 1, with
    ceil_mode rounded up; the stride is the kernel's size if not given.  return_indices: also
    (d * H + h) * W + w of each maximum.
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False,
                 ceil_mode=False):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x):
        return F.max_pool3d(x, self.kernel_size, self.stride, self.padding, self.dilation,
                            self.ceil_mode, self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")


@pg.hookimpl
def register_layers(register):
    register(MaxPool3d, functional=max_pool3d)
