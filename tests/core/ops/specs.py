"""How the inputs of an op under test are made: shape, layout in memory, values."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

FLOATS = ("float32", "float64")
INTS = ("int64", "int32", "uint8")
BOOL = ("bool",)


def spaced(rng, shape):
    """Values that all differ by far more than rounding, in random order: no ties."""
    n = int(np.prod(shape))
    return (rng.permutation(n) - n / 2 + 0.25).reshape(shape) / 4


REAL = {
    "real": lambda rng, shape: rng.standard_normal(shape),
    "positive": lambda rng, shape: rng.uniform(0.3, 3, shape),
    "nonzero": lambda rng, shape: rng.uniform(0.3, 3, shape) * rng.choice([-1, 1], shape),
    "unit": lambda rng, shape: rng.uniform(0.05, 0.95, shape),
    "small": lambda rng, shape: rng.uniform(-0.9, 0.9, shape),
    "distinct": spaced,
}
WHOLE = {
    "real": lambda rng, shape: rng.integers(-4, 6, shape),
    "positive": lambda rng, shape: rng.integers(1, 6, shape),
    "nonzero": lambda rng, shape: rng.integers(1, 6, shape) * rng.choice([-1, 1], shape),
    "unit": lambda rng, shape: rng.integers(0, 2, shape),
    "small": lambda rng, shape: rng.integers(0, 2, shape),
    "distinct": lambda rng, shape: rng.permutation(int(np.prod(shape))).reshape(shape),
}


@dataclass(frozen=True)
class In:
    """An input whose dtype is the one under test.

    layout: "plain"; "T", axes in reversed order in memory; "step", every second element of a
    longer last axis.  values: a key of REAL, or None for the row's own."""

    shape: tuple
    layout: str = "plain"
    values: str = None

    @property
    def T(self):
        return replace(self, layout="T")

    @property
    def step(self):
        return replace(self, layout="step")

    def of(self, values):
        return replace(self, values=values)

    def array(self, rng, dtype, values="real"):
        values = self.values or values
        if dtype in FLOATS:
            plain = REAL[values](rng, self.shape)
        elif dtype == "bool":
            plain = rng.integers(0, 2, self.shape)
        else:
            plain = WHOLE[values](rng, self.shape)
            plain = np.abs(plain) if dtype == "uint8" else plain
        return laid_out(np.asarray(plain).astype(dtype), self.layout)


def laid_out(plain, layout):
    """The same values, at the strides that the layout asks for."""
    if layout == "T":
        return np.ascontiguousarray(plain.T).T
    if layout == "step":
        wide = np.zeros((*plain.shape[:-1], 2 * plain.shape[-1]), plain.dtype)
        wide[..., ::2] = plain
        return wide[..., ::2]
    return plain


def x(*shape):
    return In(shape)


@dataclass(frozen=True)
class Index:
    """int64 positions 0 … high-1.  unique: no position twice along the last axis."""

    shape: tuple
    high: int
    unique: bool = False

    def array(self, rng, dtype, values=None):
        if not self.unique:
            return rng.integers(0, max(self.high, 1), self.shape)
        order = np.broadcast_to(np.arange(self.high), (*self.shape[:-1], self.high))
        return rng.permuted(order, axis=-1)[..., :self.shape[-1]].astype(np.int64)


@dataclass(frozen=True)
class Mask:
    """Booleans, half of them true."""

    shape: tuple

    def array(self, rng, dtype, values=None):
        return rng.integers(0, 2, self.shape).astype(bool)


class Given:
    """Exactly these values, in the dtype under test: ties, kinks, infinities."""

    layout = "plain"

    def __init__(self, *values):
        self.values = values
        self.shape = np.shape(values)

    def __repr__(self):
        return f"Given{self.values}"

    def fits(self, dtype):
        """Whether the dtype can hold these values."""
        with np.errstate(invalid="ignore"):
            return np.array_equal(np.array(self.values).astype(dtype), self.values)

    def array(self, rng, dtype, values=None):
        return np.array(self.values, dtype)


def seed(*words):
    """A seed that depends on the words alone, so that a row keeps its numbers when others move."""
    return zlib.crc32(repr(words).encode())


def arrays(inputs, dtype, values, *words):
    rng = np.random.default_rng(seed(*words))
    return [i.array(rng, dtype, values) for i in inputs]
