"""Batch normalization: the function, and what BatchNorm1d, 2d and 3d share; of the modules, what
those that normalize single instances share with them."""

from plugrad.autograd import no_grad
from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.ops.create import empty, ones, tensor, zeros
from plugrad.ops.normalize import move_towards, normalize_channels, scale_channels
from plugrad.tensor.arguments import integer, number
from plugrad.tensor.dtypes import int64


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False,
               momentum=0.1, eps=1e-5):
    """y = weight * (x - mean) / sqrt(var + eps) + bias, channel by channel  (Ioffe & Szegedy, 2015)

    input: (N, C, ...)   all others: (C,) or None.   training: mean and var (divided by n) are
    those of the batch, and the running ones, if given, move by `momentum` towards it (towards var
    divided by n - 1); otherwise they are the running ones.
    Raises ValueError for a single value per channel in training.
    """
    channels = check_channels("batch_norm", input, running_mean=running_mean,
                              running_var=running_var, weight=weight, bias=bias)
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm: expected running_mean and running_var when not training")
        return scale_channels(input, running_mean, running_var, weight, bias, eps)
    n = input.numel() // max(channels, 1)
    if n == 1:
        raise ValueError("batch_norm: expected more than 1 value per channel when training, "
                         f"got input size {tuple(input.shape)}; use larger batches, or eval()")
    y, mean, var = normalize_channels("batch_norm", input, weight, bias, eps)
    if running_mean is not None and n > 0:                # an empty batch has no statistics
        move_towards(running_mean, mean, momentum)
        move_towards(running_var, var * (n / (n - 1)), momentum)
    return y


def check_channels(what, input, **given):
    """The number of channels.  Raises RuntimeError unless input is (N, C, ...), the others (C,)."""
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise RuntimeError(f"{what}: expected input of shape (N, C, ...), got {shape}")
    for name, x in given.items():
        if x is not None and tuple(x.shape) != shape[1:2]:
            raise RuntimeError(f"{what}: expected {name} of shape ({shape[1]},) for input of shape "
                               f"{shape}, got {tuple(x.shape)}")
    return shape[1]


class ChannelNorm(Module):
    """Weight, bias and running statistics of channels: what BatchNorm and InstanceNorm share.

    weight and bias (C,) begin as 1 and 0, running_mean and running_var as 0 and 1.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
                 device=None, dtype=None, *, bias=True):
        super().__init__()
        name = type(self).__name__
        self.num_features = integer(num_features, f"{name}: num_features", least=0)
        self.eps = number(eps, f"{name}: eps")
        self.momentum = None if momentum is None else number(momentum, f"{name}: momentum")
        self.affine, self.track_running_stats = affine, track_running_stats
        size, options = (self.num_features,), {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(empty(size, **options)) if affine else None)
        self.register_parameter("bias",
                                Parameter(empty(size, **options)) if affine and bias else None)
        tracks = track_running_stats
        self.register_buffer("running_mean", zeros(size, **options) if tracks else None)
        self.register_buffer("running_var", ones(size, **options) if tracks else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype=int64) if tracks else None)
        self.reset_parameters()

    def reset_running_stats(self):
        """Forget all batches."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self):
        """Begin anew: normalize, and nothing else."""
        self.reset_running_stats()
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def extra_repr(self):
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
                f"affine={self.affine}, bias={self.bias is not None}, "
                f"track_running_stats={self.track_running_stats}")


class BatchNorm(ChannelNorm):
    """The contract of batch normalizations: a subclass names in `ndims` the inputs it takes.

    momentum=None makes the running statistics plain averages over all batches.
    """

    ndims = ()                          # how many dimensions an input may have

    def forward(self, x):
        self.check_input(x)
        tracks, momentum = self.training and self.track_running_stats, self.momentum
        if tracks:
            self.num_batches_tracked.add_(1)
            if momentum is None:
                momentum = 1.0 / self.num_batches_tracked.item()
        use_running = tracks or not self.training
        return batch_norm(
            x, self.running_mean if use_running else None,
            self.running_var if use_running else None, self.weight, self.bias,
            self.training or self.running_mean is None, momentum, self.eps)

    def check_input(self, x):
        """Raise ValueError if x has another number of dimensions, RuntimeError of channels."""
        if x.ndim not in self.ndims:
            expected = " or ".join(f"{n}D" for n in self.ndims)
            raise ValueError(f"{type(self).__name__}: expected {expected} input "
                             f"(N, {self.num_features}, ...), got {x.ndim}D input of shape "
                             f"{tuple(x.shape)}")
        if x.shape[1] != self.num_features:
            raise RuntimeError(f"{type(self).__name__}: expected input of shape "
                               f"(N, {self.num_features}, ...), got {tuple(x.shape)}; dimension 1 "
                               "holds the channels")
