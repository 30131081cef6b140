"""Variable: what a tensor with a gradient was called before tensors had gradients."""

from plugrad.tensor.tensor import Tensor


def Variable(data, requires_grad=False):
    """The tensor itself, on the same memory, without its history.  TypeError for no Tensor."""
    if not isinstance(data, Tensor):
        raise TypeError(f"Variable: expected a Tensor, got {type(data).__name__}; make one with "
                        "plugrad.tensor(...)")
    return data.detach().requires_grad_(requires_grad)
