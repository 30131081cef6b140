"""Norms of vectors and matrices, and what tells how near a matrix is to a singular one."""

import math

import numpy as np
import plugrad as pg
from plugrad.ops import axis_of, operand
from plugrad.plugins.ops._matrices import limit, matrices, square, symmetric


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum |x|^ord)^(1/ord) over `dim` (an int, several, None for all); ord: a number, inf or -inf.
    The gradient at 0 is taken as 0.  Raises RuntimeError for integers."""
    if not isinstance(ord, (int, float)):
        raise RuntimeError(f"vector_norm: expected ord to be a number, got {ord!r}")
    return pg.norm(x, ord, dim, keepdim, dtype)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The norm of matrices in two dimensions

    ord: "fro", the root of the sum of squares; "nuc", the sum of the singular values; 2 (-2), the
    largest (smallest) of them; 1 (-1), the largest (smallest) sum of a column's absolute values;
    inf (-inf), of a row's.   Raises RuntimeError for another.
    """
    A = operand(A, "matrix_norm")
    if ord not in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f"matrix_norm: expected ord 'fro', 'nuc', 1, -1, 2, -2, inf or -inf, "
                           f"got {ord!r}")
    A = matrices(A, "matrix_norm") if dtype is None else A.to(dtype)
    row, column = (axis_of(d, A.ndim, "matrix_norm") for d in dim)
    if row == column:
        raise RuntimeError(f"matrix_norm: expected two different dimensions, got {dim}")
    if ord == "fro":
        return pg.norm(A, 2, (row, column), keepdim)
    best = pg.amax if ord in (1, 2, math.inf) else pg.amin
    if ord in ("nuc", 2, -2):
        s = pg.linalg.svdvals(A.movedim((row, column), (-2, -1)))
        y = s.sum(-1) if ord == "nuc" else best(s, -1)
        return _kept(y, row, column) if keepdim else y
    summed, left = (row, column) if ord in (1, -1) else (column, row)
    y = best(A.abs().sum(summed, keepdim=True), left, keepdim=True)
    return y if keepdim else y.squeeze((row, column))


def _kept(y, row, column):
    for axis in sorted((row, column)):
        y = y.unsqueeze(axis)
    return y


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """matrix_norm where ord is given and `dim` names two dimensions (None: A is a matrix), else
    vector_norm; without ord the 2-norm of all elements or over `dim`."""
    A = operand(A, "norm")
    pair = A.ndim == 2 if dim is None else isinstance(dim, (tuple, list)) and len(dim) == 2
    if isinstance(ord, str) or (ord is not None and pair):
        if not pair:
            raise RuntimeError(f"norm: ord {ord!r} is for matrices, got dim {dim} of shape "
                               f"{tuple(A.shape)}")
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def matrix_rank(A, *, atol=None, rtol=None, hermitian=False):
    """How many singular values are above max(atol, rtol * the largest)        A: (..., m, n)

    rtol: unless given 0 beside atol, else max(m, n) * epsilon.   hermitian: only the lower triangle
    is read.
    """
    A = operand(A, "matrix_rank")
    A = symmetric(square(A, "matrix_rank")) if hermitian else matrices(A, "matrix_rank")
    s = pg.linalg.svdvals(A.detach()).numpy()
    return pg.from_numpy(np.asarray((s > limit(s, A.shape, atol, rtol)).sum(-1)))


def cond(A, p=None):
    """The norm of A times that of its inverse, inf for a singular A; p: an ord of matrix_norm

    None and 2: the largest singular value by the smallest, -2: the reverse; there A need not be
    square.
    """
    A = operand(A, "cond")
    if p in (None, 2, -2):
        s = pg.linalg.svdvals(matrices(A, "cond"))
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    singular = pg.linalg.det(square(A, "cond").detach()) == 0
    safe = pg.where(singular[..., None, None], pg.eye(A.shape[-1], dtype=A.dtype), A)
    return pg.where(singular, math.inf, matrix_norm(safe, p) * matrix_norm(pg.linalg.inv(safe), p))


@pg.hookimpl
def register_ops(register):
    register(vector_norm, matrix_norm, norm, matrix_rank, cond, method=False, places=("linalg",))
