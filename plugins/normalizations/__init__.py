"""Built-in normalizations: one component a file."""

from plugrad.utils import widest_first

__path__ = widest_first(__path__)
