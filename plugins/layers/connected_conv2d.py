"""ConnectedConv2d: a convolution in which a table says which channels each output sees."""

# Longer than most by the table of 1998.
from math import sqrt

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class ConnectedConv2d(nn.Module):
    """y[n, o] = Σ_c W[o, c] ⋆ x[n, c] + b[o], the sum over the channels c in connections[o]

    x: (N, C, H, W)   y: (N, O, OH, OW) as in Conv2d   connections: for each output the numbers of
    its inputs; that of LeNet-5's layer C3 is ConnectedConv2d.LENET5_C3 (1,516 parameters).
    W (connections in all, K, K), in their order, and b begin uniform in ±1/√(inputs * K * K).
    Raises ValueError for a table with other outputs or inputs.   (LeCun et al., 1998)
    """

    LENET5_C3 = tuple(tuple(map(int, inputs)) for inputs in (
        "012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125",
        "0134", "1245", "0235", "012345"))

    def __init__(self, in_channels, out_channels, kernel_size, connections, stride=1, padding=0,
                 dilation=1, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_channels = nn.integer(in_channels, "ConnectedConv2d: in_channels", least=1)
        self.out_channels = nn.integer(out_channels, "ConnectedConv2d: out_channels", least=1)
        self.kernel_size, self.stride, self.padding, self.dilation = nn.window(
            "ConnectedConv2d", kernel_size, stride, padding, dilation)
        self.connections = tuple(tuple(sorted(inputs)) for inputs in connections)
        self.check_connections()
        places = [o * in_channels + c for o, inputs in enumerate(self.connections) for c in inputs]
        self.register_buffer("places", pg.tensor(places), persistent=False)
        options, size = {"device": device, "dtype": dtype}, (len(places), *self.kernel_size)
        self.weight = nn.Parameter(pg.empty(size, **options))
        b = nn.Parameter(pg.empty((out_channels,), **options)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def check_connections(self):
        """Raise ValueError unless each output has some inputs, each of them once."""
        if len(self.connections) != self.out_channels:
            raise ValueError(f"ConnectedConv2d: expected connections of {self.out_channels} "
                             f"outputs, got {len(self.connections)}")
        for o, inputs in enumerate(self.connections):
            if not inputs or len(set(inputs)) < len(inputs) or not (
                    set(inputs) <= set(range(self.in_channels))):
                raise ValueError(f"ConnectedConv2d: expected connections[{o}] to name inputs from "
                                 f"0 to {self.in_channels - 1}, each once, got {inputs}")

    @classmethod
    def example(cls):
        return cls(3, 2, 2, [(0, 1), (0, 2)]), (pg.randn(2, 3, 4, 4),)

    def reset_parameters(self):
        """Draw weight and bias anew."""
        with pg.no_grad():
            filters = self.weight.split([len(inputs) for inputs in self.connections])
            for o, weight in enumerate(filters):
                bound = 1 / sqrt(weight.numel())
                weight.uniform_(-bound, bound)
                if self.bias is not None:
                    self.bias[o:o + 1].uniform_(-bound, bound)

    def forward(self, x):
        pairs = self.out_channels * self.in_channels
        dense = pg.zeros((pairs, *self.kernel_size), dtype=self.weight.dtype)
        dense = dense.index_add(0, self.places, self.weight).unflatten(0, (-1, self.in_channels))
        try:
            return F.conv2d(x, dense, self.bias, self.stride, self.padding, self.dilation)
        except RuntimeError as error:
            raise nn.misfit("ConnectedConv2d", x, self.in_channels) or error from None

    def extra_repr(self):
        return (f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
                f"connections={len(self.weight)}, stride={self.stride}")


@pg.hookimpl
def register_layers(register):
    register(ConnectedConv2d)
