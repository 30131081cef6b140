"""BCELoss: for questions that are answered by yes or no, from probabilities."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

SMALL = 9.999999960041972e-13               # 1e-12 as a float32: PyTorch's bound in every dtype


class CrossEntropy(pg.Op):
    """-(t * log p + (1 - t) * log(1 - p)), each log at least -100        p, t: one shape"""

    # An op because the derivatives of the logs are infinite at 0 and 1, where their sum is not.

    def forward(self, p, t):
        self.save(p, t)
        p, t = pg.from_numpy(p), pg.from_numpy(t)
        y = (t - 1) * (1 - p).log().clamp(min=-100) - t * p.log().clamp(min=-100)
        return y.numpy()

    def vjp(self, g):
        p, t = self.saved
        dp = g * (p - t) / (p * (1 - p)).clamp(min=SMALL) if self.needs(0) else None
        dt = g * ((1 - p).log() - p.log()) if self.needs(1) else None
        return dp, dt


@nn.averaging
def binary_cross_entropy(input, target, weight=None, *, reduction="mean"):
    """-weight * (t * log p + (1 - t) * log(1 - p)), each log at least -100

    input: p in [0, 1]   target: t in [0, 1], of the same shape and dtype   weight: fits them.
    Raises ValueError if the shapes differ, RuntimeError for numbers outside [0, 1].
    """
    nn.Loss.check_tensors("binary_cross_entropy", input, target)
    if input.shape != target.shape:
        raise ValueError(f"binary_cross_entropy: expected target of input's shape "
                         f"{tuple(input.shape)}, got {tuple(target.shape)}; use e.g. "
                         "target.unsqueeze(1) or input.squeeze(1)")
    if input.dtype != target.dtype:
        raise RuntimeError(f"binary_cross_entropy: expected target of input's dtype {input.dtype}, "
                           f"got {target.dtype}; use target.to(input.dtype)")
    for name, value in (("input", input), ("target", target)):
        if not ((value >= 0) & (value <= 1)).all():                     # NaN is refused as well
            remedy = ("apply sigmoid first, or better, use binary_cross_entropy_with_logits"
                      if name == "input" else "the answers are 0 for no and 1 for yes")
            raise RuntimeError(f"binary_cross_entropy: expected {name} between 0 and 1, got "
                               f"numbers from {value.min().item():.4g} to "
                               f"{value.max().item():.4g}; {remedy}")
    losses = CrossEntropy()(input, target)
    return nn.Loss.reduce(losses if weight is None else losses * weight, reduction)


class BCELoss(nn.Loss):
    """-weight * (t * log p + (1 - t) * log(1 - p)), by default its mean; each log at least -100

    input: p in [0, 1], as of Sigmoid   target: t in [0, 1], of the same shape and dtype.
    Raises ValueError if the shapes differ, RuntimeError for numbers outside [0, 1].
    """

    def __init__(self, weight=None, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)

    @staticmethod
    def example():
        return BCELoss(), (pg.linspace(0.1, 0.9, 6), pg.linspace(0.8, 0.3, 6))


@pg.hookimpl
def register_losses(register):
    register(BCELoss, functional=binary_cross_entropy)
