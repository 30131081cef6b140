"""Every operation: forward on arrays, gradient in operations.  Importing it fills Tensor."""

from plugrad.ops import (
           activation,
           arithmetic,
           arranged,
           classes,
           common,
           compare,
           composed,
           conv,
           convert,
           index,
           indexed,
           linalg,
           math,
           normalize,
           pointwise,
           reduce,
           scattered,
           shape,
           softmax,
           special,
           trigonometry,
           views,
)

__all__ = ["activation", "arithmetic", "arranged", "classes", "common", "compare", "composed",
           "conv", "convert", "index", "indexed", "linalg", "math", "normalize", "pointwise",
           "reduce", "scattered", "shape", "softmax", "special", "trigonometry", "views"]
