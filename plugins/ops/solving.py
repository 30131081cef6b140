"""Inverses, linear systems and powers of matrices."""

from collections import namedtuple

import numpy as np
import plugrad as pg
from plugrad.ops import operand
from plugrad.plugins.ops._matrices import computed, limit, matrices, square, symmetric

LstSq = namedtuple("LstSq", ["solution", "residuals", "rank", "singular_values"])


# --------------------------------------------------------------------------------------- inverses

class LinalgInv(pg.Op):
    """Y = A^-1        dA = -Y' g Y'   (Giles, 2008)"""

    def forward(self, a):
        y = computed(np.linalg.inv, a)
        self.save(y)
        return y

    def vjp(self, g):
        y, = self.saved
        return -y.mT @ g @ y.mT


def inv(A):
    """The inverse of square matrices (..., n, n).  Raises LinAlgError if one has none."""
    return LinalgInv()(square(A, "inv"))


class LinalgPinv(pg.Op):
    """Y = A^+        gradient: (Golub & Pereyra, 1973)"""

    def __init__(self, tolerances):
        self.tolerances = tolerances

    def forward(self, a):
        u, s, vh = computed(np.linalg.svd, a, full_matrices=False)
        kept = s > limit(s, a.shape, *self.tolerances)
        s = np.divide(1, s, where=kept, out=np.zeros_like(s))
        y = np.swapaxes((u * s[..., None, :]) @ vh, -1, -2)
        self.save(a, y)
        return y

    def vjp(self, g):
        a, y = self.saved
        gt = g.mT
        return (-y.mT @ g @ y.mT + (gt - a @ (y @ gt)) @ y @ y.mT
                + y.mT @ y @ (gt - (gt @ y) @ a))


def pinv(A, *, atol=None, rtol=None, hermitian=False):
    """The pseudo-inverse (n, m) of matrices (..., m, n): V diag(1/s) U', 1/s being 0 for small s

    atol, rtol: singular values up to max(atol, rtol * the largest) count as 0.   hermitian: only
    the lower triangle is read.
    """
    A = symmetric(square(A, "pinv")) if hermitian else matrices(A, "pinv")
    return LinalgPinv((atol, rtol))(A)


def pinverse(input, rcond=1e-15):
    """As linalg.pinv, with rcond for rtol."""
    return pinv(input, rtol=rcond)


# ---------------------------------------------------------------------------------------- systems

class LinalgSolve(pg.Op):
    """A X = B        dB = A'^-1 g,   dA = -dB X'   (Giles, 2008)"""

    def forward(self, a, b):
        y = computed(np.linalg.solve, a, b)
        self.save(a, y)
        return y

    def vjp(self, g):
        a, y = self.saved
        gb = LinalgSolve()(a.mT, g)
        return -gb @ y.mT if self.needs(0) else None, gb


def solve(A, B, *, left=True):
    """X with A X = B, or X A = B if not left        A: (..., n, n)   B: (..., n, k) or (..., n)

    B is a batch of vectors if it is (n,) or has the shape of A without the last dimension.
    Raises LinAlgError for a singular matrix, RuntimeError for sizes that do not fit.
    """
    A, B = operand(A, "solve"), operand(B, "solve")
    square(A, "solve")
    vector = B.ndim == 1 or tuple(B.shape) == tuple(A.shape)[:-1]
    if not left:
        if vector:
            raise RuntimeError("solve: left=False expects matrices as B, got shape "
                               f"{tuple(B.shape)}")
        return solve(A.mT, B.mT).mT
    b = B.unsqueeze(-1) if vector else B
    if b.ndim < 2 or b.shape[-2] != A.shape[-1] or b.dtype is not A.dtype:
        raise RuntimeError(f"solve: A X = B does not fit for A of {A.dtype} and shape "
                           f"{tuple(A.shape)}, B of {B.dtype} and shape {tuple(B.shape)}")
    batch = _batch(A, b)
    A, b = A.expand(batch + tuple(A.shape)[-2:]), b.expand(batch + tuple(b.shape)[-2:])
    x = LinalgSolve()(A, b)
    return x.squeeze(-1) if vector else x


def _batch(a, b):
    try:
        return np.broadcast_shapes(tuple(a.shape)[:-2], tuple(b.shape)[:-2])
    except ValueError:
        raise RuntimeError(f"solve: the batch dimensions of {tuple(a.shape)} and {tuple(b.shape)} "
                           "do not broadcast") from None


def lstsq(A, B, rcond=None, *, driver=None):
    """(solution, residuals, rank, singular_values) of min |A X - B|, X the smallest such

    A: (..., m, n)   B: (..., m, k) or (..., m)   X: (..., n, k) or (..., n): pinv(A) B, rcond being
    its rtol.   residuals: |A X - B|^2 by columns where m > n and the rank is full, else empty.
    driver: a word of LAPACK, which has no say here.
    """
    A, B = operand(A, "lstsq"), operand(B, "lstsq")
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"lstsq: expected driver 'gels', 'gelsy', 'gelsd' or 'gelss', got "
                           f"{driver!r}")
    m, n = matrices(A, "lstsq").shape[-2:]
    b = B.unsqueeze(-1) if B.ndim == A.ndim - 1 else B
    if b.ndim < 2 or b.shape[-2] != m:
        raise RuntimeError(f"lstsq: expected B with {m} rows, as A, got shape {tuple(B.shape)}")
    x = pinv(A, rtol=rcond) @ b
    s = np.linalg.svd(A.numpy(force=True), compute_uv=False)
    rank = np.asarray((s > limit(s, A.shape, None, rcond)).sum(-1))
    residuals = ((A @ x - b) ** 2).sum(-2) if m > n and (rank == n).all() else A.new_empty(0)
    return LstSq(x if b is B else x.squeeze(-1), residuals, pg.from_numpy(rank),
                 pg.from_numpy(s))


# ----------------------------------------------------------------------------------------- powers

def matrix_power(A, n):
    """A multiplied n times with itself, by squaring; n < 0: its inverse, 0: the identity."""
    A = operand(A, "matrix_power")
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"matrix_power: expected square matrices, got shape {tuple(A.shape)}")
    if not isinstance(n, (int, np.integer)):
        raise TypeError(f"matrix_power: expected n to be an int, got {n!r}")
    if n < 0:
        return matrix_power(inv(A), -n)
    if n == 0:
        return pg.eye(A.shape[-1], dtype=A.dtype).expand(tuple(A.shape)).clone()
    half = matrix_power(A, n // 2) if n > 1 else None
    return A.clone() if half is None else half @ half @ A if n % 2 else half @ half


def matrix_exp(A):
    """I + A + A^2 / 2! + ...: the series of A / 2^s, which is small, squared s times
    (Moler & Van Loan, 2003).   A: square matrices (..., n, n)"""
    A = operand(A, "matrix_exp")
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"matrix_exp: expected square matrices, got shape {tuple(A.shape)}")
    if not A.is_floating_point():
        raise RuntimeError(f"matrix_exp: expected a floating point dtype, got {A.dtype}")
    size = abs(A.numpy(force=True)).sum(-2).max(initial=0.5)
    s = int(np.ceil(np.log2(size / 0.5))) if np.isfinite(size) else 0
    a, one = A / 2 ** s, pg.eye(A.shape[-1], dtype=A.dtype)
    y = one.expand(tuple(A.shape))
    for k in range(14, 0, -1):                # what is left out: 0.5^15 / 15! < 1e-16
        y = one + a @ y / k
    for _ in range(s):
        y = y @ y
    return y


@pg.hookimpl
def register_ops(register):
    register(inv, name="inverse")
    register(inv, pinv, solve, lstsq, method=False, places=("linalg",))
    register(pinverse)
    register(matrix_power, matrix_exp, places=("plugrad", "linalg"))
