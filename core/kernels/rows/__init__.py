"""Loops over whole rows: softmax, normalization, cross entropy, tables of vectors."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
