"""Gradients that are too large, made smaller: all together, or number by number."""

from types import GeneratorType

from plugrad.autograd import no_grad
from plugrad.ops.create import tensor
from plugrad.ops.shape import stack
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import warn

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

# foreach is taken everywhere without effect, so that PyTorch's scripts run.


@no_grad()
def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """(Σ |x|^p)^(1/p) over all numbers x of all tensors, p = norm_type; the largest |x| for inf.

    tensors: one or many.   error_if_nonfinite: raise RuntimeError for an infinite norm, or NaN.
    """
    tensors, p = listed(tensors), float(norm_type)
    if not tensors:
        return tensor(0.0)
    total = stack([x.norm(p) for x in tensors]).norm(p)
    if error_if_nonfinite and not total.isfinite().item():
        raise RuntimeError(
            f"get_total_norm: expected gradients with a finite norm of order {p:g}, got "
            f"{total.item()}; lower the learning rate, or leave error_if_nonfinite out")
    return total


@no_grad()
def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """g <- g * min(1, max_norm / (total_norm + 1e-6)) for the gradient of every parameter."""
    factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for g in gradients(parameters):
        g.mul_(factor)


@no_grad()
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Shorten all gradients by one factor, so that their norm is at most max_norm.

    Returns the norm that they had, as get_total_norm gives it.   (Pascanu et al., 2013)
    """
    emptied = isinstance(parameters, GeneratorType)
    parameters = listed(parameters)
    if emptied and not parameters:
        warn("clip_grad_norm_: parameters is an empty generator, nothing is clipped; "
             "model.parameters() can be read only once: call it anew")
    total = get_total_norm(gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


@no_grad()
def clip_grad_value_(parameters, clip_value, foreach=None):
    """g <- min(max(g, -clip_value), clip_value) for the gradient of every parameter."""
    most = float(clip_value)
    for g in gradients(parameters):
        g.copy_(g.clamp(-most, most))


def listed(tensors):
    """One tensor, or many, as a list."""
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def gradients(parameters):
    """The gradients of those that have one."""
    return [w.grad for w in listed(parameters) if w.grad is not None]
