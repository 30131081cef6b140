"""Matrix products: panels packed into the caches, and the register tile that multiplies them."""

from plugrad.kernels import widest_first

__path__ = widest_first(__path__)
