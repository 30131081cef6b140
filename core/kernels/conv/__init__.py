"""Convolutions: im2col, and the fast ways that do without its matrix."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
