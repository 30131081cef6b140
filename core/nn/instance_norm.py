"""Instance normalization: the function, and what InstanceNorm1d, 2d and 3d share."""

from math import prod

from plugrad.nn.normalization import ChannelNorm, batch_norm, check_channels
from plugrad.ops.normalize import move_towards, normalize_channels
from plugrad.tensor.words import warn


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None,
                  use_input_stats=True, momentum=0.1, eps=1e-5):
    """y = weight * (x - mean) / sqrt(var + eps) + bias, channel by channel of each sample

    input: (N, C, ...)   all others: (C,) or None.   use_input_stats: mean and var (divided by n)
    are those of the channel, and the running ones, if given, move by `momentum` towards their
    averages over N (towards var divided by n - 1); otherwise they are the running ones.
    Raises ValueError for a single value per channel.   (Ulyanov et al., 2016)
    """
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise RuntimeError("instance_norm: expected running_mean and running_var where "
                               "use_input_stats is False")
        return batch_norm(input, running_mean, running_var, weight, bias, eps=eps)
    C = check_channels("instance_norm", input, running_mean=running_mean, running_var=running_var,
                       weight=weight, bias=bias)
    N = len(input)
    n = prod(input.shape[2:])
    if n == 1:
        raise ValueError("instance_norm: expected more than 1 value per channel of a sample, got "
                         f"input size {tuple(input.shape)}; use larger inputs, or running "
                         "statistics and eval()")
    # Each channel of each sample is a channel of its own in a batch of one.
    w, b = (None if x is None else x.repeat(N) for x in (weight, bias))
    y, mean, var = normalize_channels("instance_norm", input.reshape(1, N * C, n), w, b, eps)
    if running_mean is not None and N * n > 0:           # an empty batch has no statistics
        move_towards(running_mean, mean.reshape(N, C).mean(0), momentum)
        move_towards(running_var, var.reshape(N, C).mean(0) * (n / (n - 1)), momentum)
    return y.reshape(input.shape)


class InstanceNorm(ChannelNorm):
    """The contract of instance normalizations: a subclass names in `ndims` the inputs it takes,
    first those of a single sample and then those of a batch.

    momentum=None leaves the running statistics as they are.
    """

    ndims = ()

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=False,
                 track_running_stats=False, device=None, dtype=None, *, bias=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype,
                         bias=bias)

    def forward(self, x):
        self.check_input(x)
        batch = x if x.ndim == self.ndims[1] else x.unsqueeze(0)
        y = instance_norm(
            batch, self.running_mean, self.running_var, self.weight, self.bias,
            self.training or not self.track_running_stats, self.momentum or 0.0, self.eps)
        return y if batch is x else y.squeeze(0)

    def check_input(self, x):
        """Raise ValueError for another number of dimensions, or of channels where they matter."""
        name, C = type(self).__name__, self.num_features
        if x.ndim not in self.ndims:
            raise ValueError(f"{name}: expected {self.ndims[0]}D or {self.ndims[1]}D input "
                             f"(N, {C}, ...) or ({C}, ...), got {x.ndim}D input of shape "
                             f"{tuple(x.shape)}")
        dim = self.ndims.index(x.ndim)
        if x.shape[dim] != C:
            text = (f"{name}: expected {C} channels in dimension {dim}, got shape "
                    f"{tuple(x.shape)}")
            if self.affine or self.track_running_stats:
                raise ValueError(text)
            warn(f"{text}; without weights and running statistics that makes no difference")
