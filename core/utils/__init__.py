"""PyTorch's place for helpers; here so that `torch.utils.data` has its counterpart."""

from plugrad.kernels import widest_first
from plugrad.utils import checkpoint, data
from plugrad.words import warn

__all__ = ["checkpoint", "data", "warn", "widest_first"]
