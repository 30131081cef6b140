"""LayerNorm: each example normalized by itself."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """y = weight * (x - mean) / √(var + eps) + bias over the last dimensions  (Ba et al., 2016)

    input: (..., *normalized_shape)   weight, bias: of normalized_shape, or None.
    Raises RuntimeError if input does not end in normalized_shape.
    """
    shape = tuple(normalized_shape)
    if not shape or tuple(input.shape[-len(shape):]) != shape:
        ending = ", ".join(map(str, shape))
        raise RuntimeError(f"layer_norm: expected input of shape (..., {ending}) for "
                           f"normalized_shape={shape}, got {tuple(input.shape)}")
    return nn.normalize_rows(input, weight, bias, len(shape), eps)


class LayerNorm(nn.Module):
    """y = weight * (x - mean) / √(var + eps) + bias over the last dimensions  (Ba et al., 2016)

    x: (..., *normalized_shape).  weight and bias, of that shape, begin as 1 and 0.
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True,
                 device=None, dtype=None):
        super().__init__()
        if not isinstance(normalized_shape, (tuple, list)):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(nn.integer(n, "LayerNorm: normalized_shape", least=0)
                                      for n in normalized_shape)
        self.eps = nn.number(eps, "LayerNorm: eps")
        self.elementwise_affine = elementwise_affine
        for name, given in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            x = pg.empty(self.normalized_shape, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(x) if given else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Begin anew: normalize, and nothing else."""
        with pg.no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def forward(self, x):
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.normalized_shape}, eps={self.eps}, "
                f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}")


@pg.hookimpl
def register_normalizations(register):
    register(LayerNorm, functional=layer_norm)
