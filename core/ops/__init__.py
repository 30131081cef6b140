"""The operations of the core: forward on arrays, gradient in operations; importing fills Tensor.

For plugins: `unary` and `binary` make a function of elements from a kernel and a derivative,
`operand` makes a tensor of what came or refuses it in words, `promoted` gives several one dtype and
shape, `parts_of` makes tensors of a sequence, `length` and `axis_of` check a number of elements and
a dimension, and `Extreme` is the named tuple (values, indices).
"""

from plugrad.ops import (
    activation,
    arithmetic,
    classes,
    common,
    compare,
    composed,
    conv,
    convert,
    drawn,
    index,
    indexed,
    linalg,
    math,
    normalize,
    reduce,
    shape,
    softmax,
    storage,
    views,
)
from plugrad.ops.common import axis_of, operand, promoted
from plugrad.ops.create import length
from plugrad.ops.elementwise import binary, unary
from plugrad.ops.reduce import Extreme
from plugrad.ops.shape import parts_of

__all__ = [
    "Extreme",
    "activation",
    "arithmetic",
    "axis_of",
    "binary",
    "classes",
    "common",
    "compare",
    "composed",
    "conv",
    "convert",
    "drawn",
    "index",
    "indexed",
    "length", "linalg",
    "math",
    "normalize", "operand", "parts_of",
        "promoted",
    "reduce",
    "shape",
    "softmax",
        "storage",
    "unary",
    "views",
]
