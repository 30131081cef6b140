"""Folding an array over any of its axes: sums, products, extremes and where they are."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
