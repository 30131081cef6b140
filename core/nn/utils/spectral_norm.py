"""Spectral normalization: a weight divided by its largest singular value; PyTorch's older form."""

from plugrad.autograd import no_grad
from plugrad.nn.parameter import Parameter
from plugrad.nn.utils.weight_norm import check_free, take_hook, take_parameter
from plugrad.ops.create import randn


def as_matrix(weight, dim):
    """(rows, all else), the rows along dim."""
    return weight.movedim(dim, 0).flatten(1) if weight.ndim > 1 else weight.reshape(-1, 1)


def unit(x, eps):
    """x / ‖x‖"""
    return x / x.norm().clamp(min=eps)


def unit_vectors(matrix, eps):
    """u and v to begin with, at random."""
    return [unit(randn(n, dtype=matrix.dtype), eps) for n in matrix.shape]


def dim_of(module, dim):
    """Along which dimension the outputs of a module's weight are."""
    transposed = any(base.__name__.startswith("ConvTranspose") for base in type(module).__mro__)
    return dim if dim is not None else 1 if transposed else 0


def check_iterations(what, n):
    if n <= 0:
        raise ValueError(f"{what}: expected n_power_iterations to be positive, got {n}")


class SpectralNorm:
    """Called before a module's forward: computes the weight anew."""

    def __init__(self, name, n_power_iterations, dim, eps):
        check_iterations("spectral_norm", n_power_iterations)
        self.name, self.dim, self.eps = name, dim, eps
        self.n_power_iterations = n_power_iterations

    def compute_weight(self, module, do_power_iteration):
        """w / σ, σ = uᵀ w v, u and v first moved towards the singular vectors"""
        w, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = as_matrix(w, self.dim)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(unit(matrix.T @ u, self.eps))
                    u.copy_(unit(matrix @ v, self.eps))
            u, v = u.clone(), v.clone()               # the next step must not change what is saved
        return w / u.dot(matrix @ v)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """w / σ(w), σ the largest singular value of w as a matrix with its rows along dim

    σ = uᵀ w v, with u and v from the power method, one step (or more) before each forward in
    training.  w is the parameter <name>_orig, u and v are buffers.   Returns the module.
    (Miyato et al., 2018)
    """
    check_free(module, SpectralNorm, "spectral_norm", name)
    hook = SpectralNorm(name, n_power_iterations, dim_of(module, dim), eps)
    weight = take_parameter(module, name, "spectral_norm")
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.data)
    for part, vector in zip("uv", unit_vectors(as_matrix(weight, hook.dim), eps), strict=True):
        module.register_buffer(f"{name}_{part}", vector)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name="weight"):
    """Make the weight a parameter again.   Returns the module.   Raises ValueError if it is one."""
    hook = take_hook(module, SpectralNorm, "spectral_norm", name)
    with no_grad():
        weight = hook.compute_weight(module, False)
    delattr(module, name)
    for part in ("u", "v", "orig"):
        delattr(module, f"{name}_{part}")
    module.register_parameter(name, Parameter(weight.data))
    return module
