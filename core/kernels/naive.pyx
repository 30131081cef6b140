"""The obvious twin of each fast kernel: plain loops straight from the formula, for tests."""

import numpy as np

ctypedef fused real:
    float
    double


def gemm(const real[:, :] a, const real[:, :] b):
    """y[i, j] = sum over p of a[i, p] * b[p, j]"""
    cdef Py_ssize_t i, j, p
    y = np.zeros((a.shape[0], b.shape[1]), np.asarray(a).dtype)
    cdef real[:, :] out = y
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                out[i, j] += a[i, p] * b[p, j]
    return y
