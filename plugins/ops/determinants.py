"""Determinants and their logarithms."""

from collections import namedtuple

import numpy as np
import plugrad as pg
from plugrad.plugins.ops._matrices import computed, square

SlogDet = namedtuple("SlogDet", ["sign", "logabsdet"])


class LinalgDet(pg.Op):
    """y = det A        dA = g * the cofactors of A   (Jacobi, 1841)"""

    def forward(self, a):
        self.save(a)
        return np.asarray(np.linalg.det(a), a.dtype)

    def vjp(self, g):
        a, = self.saved
        return g[..., None, None] * Cofactors()(a)


class Cofactors(pg.Op):
    """C = det(A) A'^-1, and what it tends to where A is singular: from A = U S V',
    det(U V') U diag(products of all other s) V'"""

    def forward(self, a):
        u, s, vh = computed(np.linalg.svd, a)
        n = s.shape[-1]
        rest = np.where(np.eye(n, dtype=bool), 1, s[..., None, :]).prod(-1)
        self.save(a)
        sign = np.asarray(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
        return np.asarray(sign * ((u * rest[..., None, :]) @ vh), a.dtype)

    def vjp(self, g):
        """dA = det(A) (<g, X> X - X g' X) where X = A'^-1: for matrices with an inverse."""
        a, = self.saved
        x = pg.linalg.inv(a).mT
        return det(a)[..., None, None] * (
            (g * x).sum((-2, -1), keepdim=True) * x - x @ g.mT @ x)


def det(A):
    """The determinant of square matrices        A: (..., n, n)   y: (...)"""
    return LinalgDet()(square(A, "det"))


class LinalgSlogdet(pg.Op):
    """(sign, log|det A|)        dA = g A'^-1   (Giles, 2008)"""

    def forward(self, a):
        self.save(a)
        return tuple(np.asarray(y, a.dtype) for y in np.linalg.slogdet(a))

    def vjp(self, g_sign, g):
        a, = self.saved
        return g[..., None, None] * pg.linalg.inv(a).mT


def slogdet(A):
    """(sign, log|det A|) of square matrices (..., n, n): 0 and -inf where A is singular."""
    return SlogDet(*LinalgSlogdet()(square(A, "slogdet")))


def logdet(input):
    """The logarithm of the determinant; NaN where it is negative."""
    sign, logabsdet = slogdet(square(input, "logdet"))
    return logabsdet + sign.detach().log()


@pg.hookimpl
def register_ops(register):
    register(det, slogdet, places=("plugrad", "linalg"))
    register(logdet)
