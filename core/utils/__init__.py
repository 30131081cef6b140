"""PyTorch's place for helpers; here so that `torch.utils.data` has its counterpart."""

from plugrad.utils import data

__all__ = ["data"]
