"""Weights that are normalized at each use."""

from plugrad.autograd import no_grad
from plugrad.nn.module import Module
from plugrad.nn.utils.parametrize import register_parametrization
from plugrad.nn.utils.spectral_norm import as_matrix, check_iterations, dim_of, unit, unit_vectors
from plugrad.nn.utils.weight_norm import norm_except, normalized


class _WeightNorm(Module):
    """w = g v / ‖v‖"""

    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, g, v):
        return normalized(g, v, self.dim)

    def right_inverse(self, weight):
        return norm_except(weight, self.dim), weight


def weight_norm(module, name="weight", dim=0):
    """w = g v / ‖v‖, the norm over all dimensions but dim (None: over all)

    g and v are the parameters parametrizations.<name>.original0 and original1.
    Returns the module.   (Salimans & Kingma, 2016)
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    """w / σ, σ = uᵀ w v, u and v moved towards the singular vectors at each use in training"""

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(f"spectral_norm: dim {dim} is out of range for a weight of shape "
                             f"{tuple(weight.shape)}")
        check_iterations("spectral_norm", n_power_iterations)
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim, eps
        if weight.ndim > 1:
            with no_grad():
                matrix = as_matrix(weight, dim)
                u, v = unit_vectors(matrix, eps)
                self.register_buffer("_u", u)
                self.register_buffer("_v", v)
                self.iterate(matrix, 15)

    def iterate(self, matrix, n):
        """n steps of the power method."""
        with no_grad():
            for _ in range(n):
                self._u.copy_(unit(matrix @ self._v, self.eps))
                self._v.copy_(unit(matrix.T @ self._u, self.eps))

    def forward(self, weight):
        if weight.ndim == 1:                          # its only singular value is its length
            return unit(weight, self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self.iterate(matrix, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()       # the next step must not change what is saved
        return weight / u.dot(matrix @ v)

    def right_inverse(self, value):
        return value


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """w / σ(w), σ the largest singular value of w as a matrix with its rows along dim

    σ = uᵀ w v, with u and v from the power method, one step (or more) at each use in training.
    w is the parameter parametrizations.<name>.original.   Returns the module.
    (Miyato et al., 2018)
    """
    weight = getattr(module, name, None)
    if weight is None:
        raise ValueError(f"spectral_norm: {type(module).__name__} has no parameter {name!r}")
    how = _SpectralNorm(weight, n_power_iterations, dim_of(module, dim), eps)
    return register_parametrization(module, name, how)
