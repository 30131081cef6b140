"""Filling in place: by further distributions, or by a function of Python."""

import math

import numpy as np
from plugrad.ops import create
from plugrad.tensor import random
from plugrad.tensor.tensor import attach


def _filled(self, array):
    return self.copy_(create.from_numpy(np.asarray(array)))


def _floating(self, what):
    if not self.is_floating_point():
        raise RuntimeError(f"{what}: expected a floating point tensor, got {self.dtype}")
    return tuple(self.shape)


def random_(self, low=0, to=None, *, generator=None):
    """Fill with integers from low to to - 1; random_(to) starts at 0.  Returns self.

    Without to: up to the largest int that the dtype holds, 2^24 in float32 and 2^53 in float64.
    """
    if to is None and low:
        low, to = 0, low
    if to is None:
        dtype = self.dtype.numpy
        to = 2 ** np.finfo(dtype).nmant * 2 + 1 if dtype.kind == "f" else (
            2 if dtype.kind == "b" else np.iinfo(dtype).max + 1)
    if low >= to:
        raise RuntimeError(f"random_: expected low < to, got {low} and {to}")
    return _filled(self, random.integers(generator, tuple(self.shape), low, to))


def geometric_(self, p, *, generator=None):
    """Fill with the number of trials up to the first success, each of chance p.  Returns self."""
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_: expected p between 0 and 1, got {p}")
    u = random.uniform(generator, tuple(self.shape), np.float64)
    return _filled(self, np.ceil(np.log(u) / math.log1p(-p)))


def log_normal_(self, mean=1.0, std=2.0, *, generator=None):
    """Fill with exp(z), z normal with this mean and standard deviation.  Returns self."""
    if not std > 0:
        raise RuntimeError(f"log_normal_: expected std above 0, got {std}")
    size = _floating(self, "log_normal_")
    z = [random.one_normal(generator) for _ in range(math.prod(size))]
    return _filled(self, np.exp(np.reshape(z, size) * std + mean))


def cauchy_(self, median=0.0, sigma=1.0, *, generator=None):
    """Fill with median + sigma tan(pi (u - 1/2)), u uniform in [0, 1).  Returns self."""
    if not sigma > 0:
        raise RuntimeError(f"cauchy_: expected sigma above 0, got {sigma}")
    u = random.uniform(generator, _floating(self, "cauchy_"), np.float64)
    return _filled(self, median + sigma * np.tan(math.pi * (u - 0.5)))


def _by_hand(self, what, call, *arrays):
    if self.requires_grad:
        raise RuntimeError(f"{what}: this tensor requires grad, and a function of Python has none; "
                           f"use .detach().{what}(...)")
    found = [call(*row) for row in zip(*(a.reshape(-1).tolist() for a in arrays), strict=True)]
    return _filled(self, np.array(found).astype(self.dtype.numpy).reshape(tuple(self.shape)))


def apply_(self, callable):
    """Replace every element x by callable(x), called with numbers.  Slow.  Returns self."""
    return _by_hand(self, "apply_", callable, self)


def map_(self, tensor, callable):
    """Replace every element x by callable(x, y), y from a tensor that broadcasts.  Returns self."""
    return _by_hand(self, "map_", callable, self, tensor.expand(tuple(self.shape)))


for _f in (random_, geometric_, log_normal_, cauchy_, apply_, map_):
    attach(_f.__name__, _f)
