"""Functions of elements that are a line or two of others."""

import math

import numpy as np
import plugrad as pg
from plugrad.ops import binary, promoted

gcd = binary("gcd", None, "The greatest common divisor of two integers; gcd(0, n) = |n|.",
             floating=False)


def _floating(input):
    x, = promoted(input)
    return x if x.is_floating_point() else x.to(pg.get_default_dtype())


def positive(input):
    """input itself.  Raises RuntimeError for bool."""
    x, = promoted(input)
    if x.dtype == pg.bool:
        raise RuntimeError("positive: + is not defined for bool; convert it first, e.g. with "
                           ".int()")
    return x


def frac(input):
    """x - trunc(x): the fraction, with the sign of x"""
    x = _floating(input)
    return x - x.trunc()


def deg2rad(input):
    """Degrees as radians"""
    return _floating(input) * (math.pi / 180.0)


def rad2deg(input):
    """Radians as degrees"""
    return _floating(input) * (180.0 / math.pi)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """input with numbers in place of NaN, inf and -inf; None: the largest and the least of the
    dtype.  The gradient is 0 there."""
    x, = promoted(input)
    if not x.is_floating_point():
        return x.clone()
    limits = np.finfo(x.dtype.numpy)
    y = pg.where(pg.isnan(x), nan, x)
    y = pg.where(x == math.inf, float(limits.max) if posinf is None else posinf, y)
    return pg.where(x == -math.inf, float(limits.min) if neginf is None else neginf, y)


def fmax(input, other):
    """The larger of the two, element by element; where one is NaN, the other."""
    a, b = promoted(input, other)
    return pg.where((a >= b) | pg.isnan(b), a, b)


def fmin(input, other):
    """The smaller of the two, element by element; where one is NaN, the other."""
    a, b = promoted(input, other)
    return pg.where((a <= b) | pg.isnan(b), a, b)


def copysign(input, other):
    """|input| with the sign of other, a number or a tensor; zeros have a sign, too."""
    size = _floating(input).abs()
    return pg.where(pg.signbit(other), -size, size)


def heaviside(input, values):
    """0 below 0, 1 above, and values at 0"""
    a, b = promoted(input, values)
    return pg.where(a == 0, b, a > 0)


def float_power(input, exponent):
    """input ** exponent, computed in float64"""
    a, b = (x.double() if isinstance(x, pg.Tensor) else pg.tensor(x, dtype=pg.float64)
            for x in (input, exponent))
    return pg.pow(a, b)


def ldexp(input, other):
    """input * 2 ** other"""
    a, b = map(_floating, promoted(input, other))
    return a * 2.0 ** b


def lcm(input, other):
    """The least common multiple of two integers; 0 if one is 0."""
    return (input // gcd(input, other).clamp(min=1) * other).abs()


@pg.hookimpl
def register_ops(register):
    register(frac, deg2rad, rad2deg, nan_to_num, copysign, heaviside, ldexp, gcd, lcm,
             in_place=True)
    register(positive, fmax, fmin, float_power)
