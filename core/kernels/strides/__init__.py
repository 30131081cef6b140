"""Arrays of any strides: how loops walk them, and copies."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
