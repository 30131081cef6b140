"""What linear algebra shares: which tensors are matrices, and errors in our words."""

import numpy as np
from plugrad.linalg import LinAlgError
from plugrad.ops import operand


def matrices(x, what):
    """x, which must be a matrix of floats or a batch of them.  Raises RuntimeError."""
    x = operand(x, what)
    if x.ndim < 2:
        raise RuntimeError(f"{what}: expected at least 2 dimensions, got shape {tuple(x.shape)}")
    if not x.is_floating_point():
        raise RuntimeError(f"{what}: expected a floating point dtype, got {x.dtype}; convert it "
                           "first, e.g. with .float()")
    return x


def square(x, what):
    """x, which must be a square matrix of floats or a batch of them.  Raises RuntimeError."""
    x = matrices(x, what)
    if x.shape[-1] != x.shape[-2]:
        raise RuntimeError(f"{what}: expected square matrices, got shape {tuple(x.shape)}")
    return x


def computed(function, *arrays, **options):
    """What a function of numpy.linalg gives, its error as ours."""
    try:
        return function(*arrays, **options)
    except np.linalg.LinAlgError as error:
        shapes = " and ".join(str(a.shape) for a in arrays)
        raise LinAlgError(f"linalg.{function.__name__}: {error}; got shape {shapes}") from None


def symmetric(x):
    """The symmetric matrix with x's lower triangle."""
    return x.tril() + x.tril(-1).mT


def limit(s, shape, atol, rtol):
    """The size up to which singular values s (..., k) of matrices of this shape count as 0

    atol, or rtol times the largest, whichever is more; without both rtol is max(m, n) * epsilon.
    """
    if rtol is None:
        rtol = 0 if atol is not None else max(shape[-2:]) * np.finfo(s.dtype).eps
    return np.maximum(0 if atol is None else atol, rtol * s.max(-1, keepdims=True, initial=0))
