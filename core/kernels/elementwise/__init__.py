"""Loops over elements: arithmetic, comparisons, functions of one number and their gradients."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
