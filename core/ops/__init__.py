"""The operations of the core: forward on arrays, gradient in operations; importing fills Tensor.

For plugins: `unary` and `binary` make a function of elements from a kernel and a derivative,
`promoted` gives tensors one dtype and shape, `axis_of` checks a dimension.
"""

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
    determinants,
    drawn,
    factorizations,
    index,
    indexed,
    linalg,
    math,
    matrices,
    normalize,
    norms,
    order,
    pointwise,
    products,
    reduce,
    scans,
    scattered,
    search,
    series,
    shape,
    softmax,
    solving,
    special,
    statistics,
    storage,
    views,
)
from plugrad.ops.common import axis_of, promoted
from plugrad.ops.elementwise import binary, unary

__all__ = ["activation", "arithmetic", "arranged", "axis_of", "binary", "classes", "common",
           "compare", "composed", "conv", "convert", "determinants", "drawn", "factorizations",
           "index", "indexed", "linalg", "math", "matrices", "normalize", "norms", "order",
           "pointwise", "products", "promoted", "reduce", "scans", "scattered", "search", "series",
           "shape", "softmax", "solving", "special", "statistics", "storage", "unary", "views"]
