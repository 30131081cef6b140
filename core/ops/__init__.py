"""Every operation: forward on arrays, gradient in operations.  Importing it fills Tensor."""

from plugrad.ops import (
           arithmetic,
           common,
           compare,
           conv,
           convert,
           index,
           linalg,
           math,
           normalize,
           reduce,
           shape,
)

__all__ = ["arithmetic", "common", "compare", "conv", "convert", "index", "linalg", "math",
           "normalize", "reduce", "shape"]
