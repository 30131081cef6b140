"""Every operation: forward on arrays, gradient in operations.  Importing it fills Tensor."""

from plugrad.ops import (
           activation,
           arithmetic,
           classes,
           common,
           compare,
           composed,
           conv,
           convert,
           index,
           linalg,
           math,
           normalize,
           pointwise,
           reduce,
           shape,
           softmax,
           special,
           trigonometry,
)

__all__ = ["activation", "arithmetic", "classes", "common", "compare", "composed", "conv",
           "convert", "index", "linalg", "math", "normalize", "pointwise", "reduce", "shape",
           "softmax", "special", "trigonometry"]
