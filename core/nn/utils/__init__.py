"""Helpers around modules, under the names that PyTorch gives them."""

from plugrad.nn.utils import parametrizations, parametrize, rnn
from plugrad.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from plugrad.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = ["parametrizations", "parametrize", "remove_spectral_norm", "remove_weight_norm", "rnn",
           "spectral_norm", "weight_norm"]
