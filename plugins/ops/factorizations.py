"""Factorizations: Cholesky, QR, eigenvalues of symmetric matrices, singular values.

Where an operation has several outputs, its vjp computes them anew from the input: they then have a
history, and the gradient can be differentiated again.
"""

from collections import namedtuple

import numpy as np
import plugrad as pg
from plugrad.ops import operand
from plugrad.plugins.ops._matrices import computed, matrices, square, symmetric

QR = namedtuple("QR", ["Q", "R"])
Eigh = namedtuple("Eigh", ["eigenvalues", "eigenvectors"])
SVD = namedtuple("SVD", ["U", "S", "Vh"])
LegacySVD = namedtuple("SVD", ["U", "S", "V"])


def _reciprocal(x):
    """1 / x, and 0 where x is 0: what is singled out by equal values has no gradient there."""
    return pg.where(x == 0, 0.0, 1.0 / pg.where(x == 0, 1.0, x))


def _gaps(x):
    """f[i, j] = 1 / (x[j] - x[i]), and 0 where they are equal."""
    return _reciprocal(x.unsqueeze(-2) - x.unsqueeze(-1))


# ---------------------------------------------------------------------------------------- Cholesky

class LinalgCholesky(pg.Op):
    """A = L L'        gradient: (Murray, 2016)"""

    def forward(self, a):
        y = computed(np.linalg.cholesky, a)
        self.save(y)
        return y

    def vjp(self, g):
        l, = self.saved
        m = (l.mT @ g).tril()
        m = m - pg.diag_embed(m.diagonal(0, -2, -1)) / 2
        s = pg.linalg.solve(l.mT, pg.linalg.solve(l.mT, m).mT).mT
        return (s + s.mT) / 2


def cholesky(input, upper=False):
    """The lower triangular L with positive diagonal, L L' = A, for positive definite A (..., n, n)

    upper=True: L'.   Only the lower triangle of A is read; its gradient is symmetric.
    Raises LinAlgError if A is not positive definite.
    """
    y = LinalgCholesky()(square(input, "cholesky"))
    return y.mT if upper else y


# ---------------------------------------------------------------------------------------------- QR

class LinalgQr(pg.Op):
    """A = Q R for m >= n        gradient: (Walter & Lehmann, 2010)"""

    def forward(self, a):
        self.save(a)
        return tuple(computed(np.linalg.qr, a))

    def vjp(self, gq, gr):
        a, = self.saved
        q, r = LinalgQr()(a)
        m = r @ gr.mT - gq.mT @ q
        return pg.linalg.solve(r, (gq + q @ symmetric(m)).mT).mT


class CompleteQr(pg.Op):
    """A = Q R with a square Q, of which only the first n columns depend on A by a formula"""

    def forward(self, a):
        return tuple(computed(np.linalg.qr, a, mode="complete"))

    def vjp(self, gq, gr):
        raise RuntimeError("qr: mode 'complete' has no gradient for matrices of more rows than "
                           "columns; use mode 'reduced'")


def qr(A, mode="reduced"):
    """(Q, R) with A = Q R, Q's columns orthonormal, R upper triangular        A: (..., m, n)

    mode: "reduced" (Q: m x k, R: k x n, k the smaller size), "complete" (k = m) or "r" (no Q).
    The gradient exists where the first k columns of A are independent.
    """
    A = operand(A, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr: expected mode 'reduced', 'complete' or 'r', got {mode!r}")
    m, n = matrices(A, "qr").shape[-2:]
    if mode == "complete" and m > n:
        return QR(*CompleteQr()(A))
    q, r = LinalgQr()(A[..., :min(m, n)])
    if n > m:
        r = pg.cat([r, q.mT @ A[..., m:]], -1)
    return QR(A.new_empty(0) if mode == "r" else q, r)


def legacy_qr(input, some=True):
    """(Q, R), as linalg.qr; some=False: Q is square."""
    return qr(input, "reduced" if some else "complete")


# ------------------------------------------------------------------------------------- eigenvalues

class LinalgEigh(pg.Op):
    """A = V diag(w) V'        gradient: (Giles, 2008)"""

    def __init__(self, triangle):
        self.triangle = triangle

    def forward(self, a):
        self.save(a)
        return tuple(computed(np.linalg.eigh, a, UPLO=self.triangle))

    def vjp(self, gw, gv):
        a, = self.saved
        w, v = LinalgEigh(self.triangle)(a)
        s = v @ (pg.diag_embed(gw) + (v.mT @ gv) * _gaps(w)) @ v.mT
        return (s + s.mT) / 2


def eigh(A, UPLO="L"):
    """(eigenvalues, eigenvectors) of symmetric matrices        A: (..., n, n)   w: (..., n)

    The values ascend; column i of V belongs to value i.   UPLO: the triangle of A that is read; the
    gradient is symmetric.  That of vectors of equal values is taken as 0: nothing determines them.
    """
    if UPLO not in ("L", "U"):
        raise RuntimeError(f"eigh: expected UPLO to be 'L' or 'U', got {UPLO!r}")
    return Eigh(*LinalgEigh(UPLO)(square(A, "eigh")))


def eigvalsh(A, UPLO="L"):
    """The eigenvalues of symmetric matrices, ascending (see eigh)."""
    return eigh(A, UPLO).eigenvalues


# --------------------------------------------------------------------------------- singular values

class LinalgSvd(pg.Op):
    """A = U diag(s) V'        gradient: (Townsend, 2016)"""

    def __init__(self, full):
        self.full = full

    def forward(self, a):
        self.save(a)
        return tuple(computed(np.linalg.svd, a, full_matrices=self.full))

    def vjp(self, gu, gs, gvh):
        a, = self.saved
        k = min(a.shape[-2:])
        u, s, vh = LinalgSvd(self.full)(a)
        u, gu, v, gv = u[..., :k], gu[..., :k], vh[..., :k, :].mT, gvh[..., :k, :].mT
        gaps, d = _gaps(s * s), s.unsqueeze(-2)
        m, n = u.mT @ gu, v.mT @ gv
        inner = (m - m.mT) * gaps * d + d.mT * (n - n.mT) * gaps + pg.diag_embed(gs)
        left = (gu - u @ m) * _reciprocal(d)
        right = (gv - v @ n) * _reciprocal(d)
        return (u @ inner + left) @ v.mT + u @ right.mT


def svd(A, full_matrices=True):
    """(U, S, Vh) with A = U diag(S) Vh, U and Vh orthogonal, S descending        A: (..., m, n)

    full_matrices: whether U and Vh are square; what is then added to them has no gradient.
    The gradient of vectors of equal values is taken as 0: nothing determines them.
    """
    return SVD(*LinalgSvd(full_matrices)(matrices(A, "svd")))


def svdvals(A):
    """The singular values, descending."""
    return svd(A, full_matrices=False).S


def legacy_svd(input, some=True, compute_uv=True):
    """(U, S, V), V = Vh', as linalg.svd; some=False: square U and V; compute_uv=False: zeros."""
    input = operand(input, "svd")
    u, s, vh = svd(input, full_matrices=not some)
    if not compute_uv:
        m, n = input.shape[-2:]
        u, vh = input.new_zeros(*input.shape[:-1], m), input.new_zeros(*input.shape[:-2], n, n)
    return LegacySVD(u, s, vh.mT)


@pg.hookimpl
def register_ops(register):
    register(cholesky, places=("plugrad", "linalg"))
    register(qr, eigh, eigvalsh, svd, svdvals, method=False, places=("linalg",))
    register(legacy_qr, name="qr")
    register(legacy_svd, name="svd")
