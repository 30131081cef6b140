"""LocalResponseNorm: each channel divided by what its neighbours hold."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """y[c] = x[c] / (k + alpha / size * Σ x[i]²) ** beta        (Krizhevsky et al., 2012)

    the sum over the `size` channels around c: from c - size // 2 to c + (size - 1) // 2.
    input: (N, C, ...), at least 3 dimensions, else ValueError.
    """
    if input.ndim < 3:
        raise ValueError("local_response_norm: expected an input (N, C, ...) of 3 dimensions or "
                         f"more, got shape {tuple(input.shape)}")
    if size < 1:
        raise RuntimeError(f"local_response_norm: expected a size of at least 1, got {size}")
    C = input.shape[1]
    wide = F.pad(input * input, (0, 0) * (input.ndim - 2) + (size // 2, (size - 1) // 2))
    total = sum(wide[:, i:i + C] for i in range(size))
    return input / (total * (alpha / size) + k) ** beta


class LocalResponseNorm(nn.Module):
    """y[c] = x[c] / (k + alpha / size * Σ x[i]²) ** beta        (Krizhevsky et al., 2012)

    the sum over the `size` channels around c: from c - size // 2 to c + (size - 1) // 2.
    x: (N, C, ...), at least 3 dimensions, else ValueError.
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__()
        self.size = nn.integer(size, "LocalResponseNorm: size", least=1)
        self.alpha = nn.number(alpha, "LocalResponseNorm: alpha")
        self.beta = nn.number(beta, "LocalResponseNorm: beta")
        self.k = nn.number(k, "LocalResponseNorm: k")

    @staticmethod
    def example():
        return LocalResponseNorm(3, alpha=0.5), pg.randn(2, 4, 5)

    def forward(self, x):
        return F.local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


@pg.hookimpl
def register_normalizations(register):
    register(LocalResponseNorm, functional=local_response_norm)
