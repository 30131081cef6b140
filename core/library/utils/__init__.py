"""PyTorch's place for helpers; here so that `torch.utils.data` has its counterpart."""

from plugrad.kernels import widest_first
from plugrad.tensor.words import warn
from plugrad.utils import checkpoint, data

__all__ = ["checkpoint", "data", "warn", "widest_first"]
