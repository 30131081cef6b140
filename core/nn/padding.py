"""What the layers that lay a border around sequences, images and volumes share."""

from plugrad.nn.module import Module
from plugrad.nn.windows import images, sizes
from plugrad.ops.shape import pad


class Pad(Module):
    """The contract of padding layers: a subclass names in `ndim` the axes of its images, and in
    `mode` how the border is made: "constant", "reflect", "replicate" or "circular".

    padding: a number for all sides, or (left, right), then (top, bottom), then (front, back), which
    are those of the last axis, the one before it and so on; negative ones cut off.
    """

    ndim, mode, value = 2, "constant", 0.0
    refusal = NotImplementedError                       # PyTorch's error for inputs of other shapes

    def __init__(self, padding):
        super().__init__()
        self.padding = sizes(padding, f"{type(self).__name__}: padding", 2 * self.ndim,
                             least=float("-inf"))

    def forward(self, x):
        if self.mode == "constant":
            return pad(x, self.padding, value=self.value)
        if x.ndim not in (self.ndim + 1, self.ndim + 2):
            raise self.refusal(f"{type(self).__name__}: expected {images(self.ndim, 'C')}, got "
                               f"shape {tuple(x.shape)}")
        return pad(x, self.padding, mode=self.mode)

    def extra_repr(self):
        return f"{self.padding}"
