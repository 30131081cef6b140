"""Conv2d: the same small weighted sum at every place of an image."""

from math import prod, sqrt

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate",
                 "circular": "circular"}              # PyTorch's names -> those of F.pad


class Conv2d(nn.Module):
    """y[n, o] = Σ_c W[o, c] ⋆ x[n, c] + b[o]        x: (N, C, H, W)   y: (N, O, OH, OW)

    OH = (H + 2 * padding - dilation * (K - 1) - 1) // stride + 1.  padding: numbers, "valid" (0)
    or "same" (OH = H).  W (O, C / groups, K, K) and b begin uniform in ±1/√(C / groups * K * K).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True, padding_mode="zeros", device=None, dtype=None):
        super().__init__()
        in_channels = nn.integer(in_channels, "Conv2d: in_channels", least=0)
        out_channels = nn.integer(out_channels, "Conv2d: out_channels", least=0)
        groups = nn.integer(groups, "Conv2d: groups", least=1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2d: in_channels={in_channels} and out_channels={out_channels} "
                             f"must be divisible by groups={groups}")
        nn.choice(padding_mode, "Conv2d: padding_mode", PADDING_MODES)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        word = isinstance(padding, str)
        self.kernel_size, self.stride, numbers, self.dilation = nn.window(
            "Conv2d", kernel_size, stride, 0 if word else padding, dilation)
        self.padding, self.padding_mode = padding if word else numbers, padding_mode
        self._sides = self.sides()
        options = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(pg.empty(
            (out_channels, in_channels // groups, *self.kernel_size), **options))
        b = nn.Parameter(pg.empty((out_channels,), **options)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def sides(self):
        """How much to pad: (left, right, top, bottom)."""
        if self.padding == "valid":
            return 0, 0, 0, 0
        if self.padding == "same":
            if self.stride != (1, 1):
                raise ValueError(f"Conv2d: padding='same' needs stride 1, got {self.stride}")
            h, w = (d * (k - 1) for d, k in zip(self.dilation, self.kernel_size))
            return w // 2, w - w // 2, h // 2, h - h // 2
        if isinstance(self.padding, str):
            raise ValueError("Conv2d: padding must be numbers, 'same' or 'valid', got "
                             f"{self.padding!r}")
        h, w = self.padding
        return w, w, h, h

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1 / sqrt(max(prod(self.weight.shape[1:]), 1))
        with pg.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound)

    def forward(self, x):
        left, right, top, bottom = self._sides
        padded, padding = x, (top, left)
        if self.padding_mode != "zeros" or left != right or top != bottom:
            padded, padding = F.pad(x, self._sides, mode=PADDING_MODES[self.padding_mode]), 0
        try:
            return F.conv2d(padded, self.weight, self.bias, self.stride, padding, self.dilation,
                            self.groups)
        except RuntimeError as error:
            raise nn.misfit("Conv2d", x, self.in_channels) or error from None

    def extra_repr(self):
        text = (f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
                f"stride={self.stride}")
        for name, default in (("padding", (0, 0)), ("dilation", (1, 1)), ("groups", 1),
                              ("padding_mode", "zeros")):
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text if self.bias is not None else f"{text}, bias=False"


@pg.hookimpl
def register_layers(register):
    register(Conv2d)
