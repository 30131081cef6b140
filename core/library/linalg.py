"""Linear algebra: factorizations, inverses, systems, determinants and norms, all with gradients."""

from plugrad.ops.determinants import det, slogdet
from plugrad.ops.factorizations import cholesky, eigh, eigvalsh, qr, svd, svdvals
from plugrad.ops.linalg import matmul
from plugrad.ops.matrices import LinAlgError
from plugrad.ops.norms import cond, matrix_norm, matrix_rank, norm, vector_norm
from plugrad.ops.products import cross as _cross
from plugrad.ops.products import multi_dot
from plugrad.ops.solving import inv, lstsq, matrix_exp, matrix_power, pinv, solve
from plugrad.ops.views import diagonal as _diagonal
from plugrad.plugin.namespace import namespace

__all__ = ["LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv",
           "lstsq", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
           "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vector_norm"]
__getattr__, __dir__ = namespace(__name__, kinds=("ops", "forms"))


def cross(input, other, *, dim=-1):
    """The cross product along a dimension of size 3."""
    return _cross(input, other, dim)


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices (..., m, n).  A view."""
    return _diagonal(A, offset, dim1, dim2)
