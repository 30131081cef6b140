"""RMSNorm: each example divided by the root of its mean square."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """y = weight * x / √(mean of x² + eps) over the last dimensions  (Zhang & Sennrich, 2019)

    input: (..., *normalized_shape)   weight: of normalized_shape, or None.   eps: that of the
    dtype if None.   Raises RuntimeError if input does not end in normalized_shape.
    """
    shape = tuple(normalized_shape)
    if not shape or tuple(input.shape[-len(shape):]) != shape:
        ending = ", ".join(map(str, shape))
        raise RuntimeError(f"rms_norm: expected input of shape (..., {ending}) for "
                           f"normalized_shape={shape}, got {tuple(input.shape)}")
    if weight is not None and tuple(weight.shape) != shape:
        raise RuntimeError(f"rms_norm: expected weight of shape {shape}, as normalized_shape, got "
                           f"{tuple(weight.shape)}")
    eps = EPS[nn.floating(input, "rms_norm").dtype] if eps is None else eps
    y = input * ((input * input).mean(tuple(range(-len(shape), 0)), True) + eps).rsqrt()
    return y if weight is None else y * weight


EPS = {pg.float32: 2.0 ** -23, pg.float64: 2.0 ** -52}


class RMSNorm(nn.Module):
    """y = weight * x / √(mean of x² + eps) over the last dimensions  (Zhang & Sennrich, 2019)

    x: (..., *normalized_shape).   weight, of that shape, begins as 1.   eps: that of the dtype if
    None.   Raises RuntimeError if x does not end in normalized_shape.
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None,
                 dtype=None):
        super().__init__()
        if not isinstance(normalized_shape, (tuple, list)):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(nn.integer(n, "RMSNorm: normalized_shape", least=0)
                                      for n in normalized_shape)
        self.eps = None if eps is None else nn.number(eps, "RMSNorm: eps")
        self.elementwise_affine = elementwise_affine
        x = pg.empty(self.normalized_shape, device=device, dtype=dtype)
        self.register_parameter("weight", nn.Parameter(x) if elementwise_affine else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Begin anew: normalize, and nothing else."""
        if self.weight is not None:
            with pg.no_grad():
                self.weight.fill_(1)

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return (f"{self.normalized_shape}, eps={self.eps}, "
                f"elementwise_affine={self.elementwise_affine}")


@pg.hookimpl
def register_normalizations(register):
    register(RMSNorm, functional=rms_norm)
