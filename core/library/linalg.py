"""Linear algebra: factorizations, inverses, systems, determinants and norms, all with gradients.

Most of it is of the plugins in plugins/ops, and found here as a layer is in plugrad.nn.
"""

from plugrad.ops.linalg import matmul
from plugrad.ops.views import diagonal as _diagonal
from plugrad.plugin.namespace import namespace

__all__ = ["LinAlgError", "diagonal", "matmul"]
__getattr__, __dir__ = namespace(__name__, kinds=("ops", "forms"))


class LinAlgError(RuntimeError):
    """A matrix that is singular, not positive definite or not finite, where it must not be."""


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices (..., m, n).  A view."""
    return _diagonal(A, offset, dim1, dim2)
