"""What the convolutions of sequences, images and volumes share, and those turned round."""

from math import prod, sqrt

from plugrad.autograd import no_grad
from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.nn.windows import misfit, sizes, window
from plugrad.ops.create import empty
from plugrad.ops.shape import pad
from plugrad.tensor.arguments import choice, integer

PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate",
                 "circular": "circular"}              # PyTorch's names -> those of pad


class Conv(Module):
    """The contract of convolutions: a subclass names in `ndim` the axes of its images, and in
    `convolve` the function (input, weight, bias, stride, padding, dilation, groups).

    Parameters weight (out_channels, in_channels / groups, *kernel_size) and bias (out_channels,),
    uniform in ±1/√(weights of one output) at first.
    """

    ndim = 2

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True, padding_mode="zeros", device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        self.in_channels = integer(in_channels, f"{name}: in_channels", least=0)
        self.out_channels = integer(out_channels, f"{name}: out_channels", least=0)
        self.groups = integer(groups, f"{name}: groups", least=1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"{name}: in_channels={in_channels} and out_channels={out_channels} "
                             f"must be divisible by groups={groups}")
        self.padding_mode = choice(padding_mode, f"{name}: padding_mode", PADDING_MODES)
        word = isinstance(padding, str)
        self.kernel_size, self.stride, numbers, self.dilation = window(
            name, kernel_size, stride, 0 if word else padding, dilation, self.ndim)
        self.padding = padding if word else numbers
        self.output_padding = (0,) * self.ndim
        self._before, self._after = self.sides()
        options = {"device": device, "dtype": dtype}
        self.weight = Parameter(empty((*self.channels(), *self.kernel_size), **options))
        b = Parameter(empty((self.out_channels,), **options)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def channels(self):
        """The first two sizes of the weight."""
        return self.out_channels, self.in_channels // self.groups

    def sides(self):
        """How much to pad before and after the image, a tuple of one number per axis each."""
        name = type(self).__name__
        if self.padding == "valid":
            return (0,) * self.ndim, (0,) * self.ndim
        if self.padding == "same":
            if max(self.stride) > 1:
                raise ValueError(f"{name}: padding='same' needs stride 1, got {self.stride}")
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return tuple(n // 2 for n in totals), tuple(n - n // 2 for n in totals)
        if isinstance(self.padding, str):
            raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got "
                             f"{self.padding!r}")
        return self.padding, self.padding

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1 / sqrt(max(prod(self.weight.shape[1:]), 1))
        with no_grad():
            self.weight.uniform_(-bound, bound)
            if self.bias is not None:
                self.bias.uniform_(-bound, bound)

    def forward(self, x):
        padded, padding = x, self._before
        if self.padding_mode != "zeros" or self._before != self._after:
            sides = [n for both in zip(self._before, self._after) for n in both[::-1]][::-1]
            padded, padding = pad(x, sides, mode=PADDING_MODES[self.padding_mode]), 0
        try:
            return self.convolve(padded, self.weight, self.bias, self.stride, padding,
                                 self.dilation, self.groups)
        except RuntimeError as error:
            raise self.misfit(x) or error from None

    def misfit(self, x):
        """The error for images with other channels, or None."""
        return misfit(type(self).__name__, x, self.in_channels, self.ndim)

    def extra_repr(self):
        text = (f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
                f"stride={self.stride}")
        zeros, ones = (0,) * self.ndim, (1,) * self.ndim
        for name, default in (("padding", zeros), ("dilation", ones), ("output_padding", zeros),
                              ("groups", 1)):
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"


class ConvTranspose(Conv):
    """The contract of transposed convolutions: from y's shape back to x's, as the gradient goes.

    As Conv, but `convolve` is called with (input, weight, bias, stride, padding, output_padding,
    groups, dilation), and weight is (in_channels, out_channels / groups, *kernel_size).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 output_padding=0, groups=1, bias=True, dilation=1, padding_mode="zeros",
                 device=None, dtype=None):
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: expected padding_mode='zeros', got {padding_mode!r}")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups,
                         bias, padding_mode, device, dtype)
        self.output_padding = sizes(output_padding, f"{name}: output_padding", self.ndim, least=0)

    def channels(self):
        return self.in_channels, self.out_channels // self.groups

    def sides(self):
        if isinstance(self.padding, str):
            raise TypeError(f"{type(self).__name__}: padding must be numbers, got {self.padding!r}")
        return super().sides()

    def forward(self, input, output_size=None):
        extra = self.output_padding if output_size is None else self.missing(input, output_size)
        try:
            return self.convolve(input, self.weight, self.bias, self.stride, self.padding, extra,
                                 self.groups, self.dilation)
        except RuntimeError as error:
            raise self.misfit(input) or error from None

    def missing(self, x, output_size):
        """The output padding that leads to that size: of an image, or of the whole output."""
        name, size = type(self).__name__, tuple(output_size)
        size = size[x.ndim - self.ndim:] if len(size) == x.ndim else size
        if len(size) != self.ndim:
            raise ValueError(f"{name}: expected an output_size of {self.ndim} or {x.ndim} numbers, "
                             f"got {tuple(output_size)}")
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in zip(
            x.shape[-self.ndim:], self.stride, self.padding, self.dilation, self.kernel_size)]
        if any(not a <= n < a + s for n, a, s in zip(size, least, self.stride)):
            most = tuple(a + s - 1 for a, s in zip(least, self.stride))
            raise ValueError(f"{name}: expected an output_size from {tuple(least)} to {most} for "
                             f"input of shape {tuple(x.shape)}, got {size}")
        return tuple(n - a for n, a in zip(size, least))
