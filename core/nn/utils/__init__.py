"""Helpers around modules, under the names that PyTorch gives them."""

from plugrad.nn.utils import rnn

__all__ = ["rnn"]
