"""UnitNorm: vectors of length 1, such as queries and keys."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class UnitNorm(nn.Module):
    """y = scale * x / max(‖x‖₂, eps), the norm along dim

    scale: where a learned factor begins; None for none.   features: None for one factor in all, as
    for queries and keys (Henry et al., 2020), or the size of dim for one each, as in nGPT
    (Loshchilov et al., 2024).
    """

    def __init__(self, dim=-1, eps=1e-12, scale=None, features=None, device=None, dtype=None):
        super().__init__()
        self.dim = nn.integer(dim, "UnitNorm: dim")
        self.eps, self.features = nn.number(eps, "UnitNorm: eps", 0), features
        if scale is None and features is not None:
            raise ValueError(f"UnitNorm: features={features} needs scale=..., where the factors "
                             "begin")
        self.start = scale if scale is None else nn.number(scale, "UnitNorm: scale")
        shape = () if features is None else (nn.integer(features, "UnitNorm: features", 0),)
        x = pg.empty(shape, device=device, dtype=dtype)
        self.register_parameter("scale", None if scale is None else nn.Parameter(x))
        self.reset_parameters()

    def reset_parameters(self):
        """Begin anew."""
        if self.scale is not None:
            with pg.no_grad():
                self.scale.fill_(self.start)

    def forward(self, x):
        y = F.normalize(x, 2.0, self.dim, self.eps)
        if self.scale is None:
            return y
        if self.features is None:
            return y * self.scale
        if x.shape[self.dim] != self.features:
            raise RuntimeError(f"UnitNorm: expected {self.features} features in dimension "
                               f"{self.dim}, got shape {tuple(x.shape)}")
        return y * self.scale.reshape(-1, *[1] * (x.ndim - 1 - self.dim % x.ndim))

    def extra_repr(self):
        text = f"dim={self.dim}, eps={self.eps}"
        for name, value in (("scale", self.start), ("features", self.features)):
            text += "" if value is None else f", {name}={value}"
        return text


@pg.hookimpl
def register_normalizations(register):
    register(UnitNorm)
