"""Every operation: forward on arrays, gradient in operations.  Importing it fills Tensor."""

from plugrad.ops import arithmetic, common, compare, math
