"""All parameters as one vector, and back."""

from plugrad.ops.shape import cat
from plugrad.tensor.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters):
    """The numbers of all parameters, one after another, (Σ numel,).  Gradients pass.

    Raises ValueError for no parameters."""
    parts = [w.reshape(-1) for w in parameters]
    if not parts:
        raise ValueError("parameters_to_vector: expected at least one parameter, got none; "
                         "model.parameters() can be read only once: call it anew")
    return cat(parts)


def vector_to_parameters(vec, parameters):
    """Let the parameters look into consecutive pieces of the vector.

    Raises TypeError if it is no Tensor, RuntimeError if it is too short.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: expected a Tensor, got {type(vec).__name__}")
    parameters = list(parameters)
    needed = sum(w.numel() for w in parameters)
    if vec.numel() < needed:
        raise RuntimeError(f"vector_to_parameters: expected a vector of {needed} numbers, as many "
                           f"as the parameters have, got {vec.numel()}")
    at = 0
    for w in parameters:
        w.data = vec[at:at + w.numel()].view_as(w).detach()
        at += w.numel()
