"""Functions of elements that are a line or two of others."""

cimport numpy as cnp

import math

import numpy as np

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport GCD
from plugrad.ops.arithmetic import pow, where
from plugrad.ops.common cimport FLOATING, SAME, as_floating, as_operand, operands
from plugrad.ops.common import methods
from plugrad.ops.compare import isnan, signbit
from plugrad.tensor.tensor cimport Tensor, wrap

cnp.import_array()


def positive(input):
    """input itself.  Raises RuntimeError for bool."""
    cdef Tensor x = as_operand(input)
    if cnp.PyArray_ISBOOL(x.array):
        raise RuntimeError("positive: + is not defined for bool; convert it first, e.g. with "
                           ".int()")
    return x


def frac(input):
    """x - trunc(x): the fraction, with the sign of x"""
    x = as_floating(input)
    return x - x.trunc()


def deg2rad(input):
    """Degrees as radians"""
    return as_floating(input) * (math.pi / 180.0)


def rad2deg(input):
    """Radians as degrees"""
    return as_floating(input) * (180.0 / math.pi)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """input with numbers in place of NaN, inf and -inf; None: the largest and the least of the
    dtype.  The gradient is 0 there."""
    cdef Tensor x = as_operand(input)
    if not cnp.PyArray_ISFLOAT(x.array):
        return x.clone()
    limits = np.finfo(x.array.dtype)
    y = where(isnan(x), nan, x)
    y = where(x == math.inf, float(limits.max) if posinf is None else posinf, y)
    return where(x == -math.inf, float(limits.min) if neginf is None else neginf, y)


def fmax(input, other):
    """The larger of the two, element by element; where one is NaN, the other."""
    a, b = operands(input, other, SAME)
    return where((a >= b) | isnan(b), a, b)


def fmin(input, other):
    """The smaller of the two, element by element; where one is NaN, the other."""
    a, b = operands(input, other, SAME)
    return where((a <= b) | isnan(b), a, b)


def copysign(input, other):
    """|input| with the sign of other, a number or a tensor; zeros have a sign, too."""
    size = as_floating(input).abs()
    return where(signbit(other), -size, size)


def heaviside(input, values):
    """0 below 0, 1 above, and values at 0"""
    a, b = operands(input, values, SAME)
    return where(a == 0, b, a > 0)


def float_power(input, exponent):
    """input ** exponent, computed in float64"""
    a, b = [x.double() if isinstance(x, Tensor) else wrap(np.array(x, np.float64))
            for x in (input, exponent)]
    return pow(a, b)


def ldexp(input, other):
    """input * 2 ** other"""
    a, b = operands(input, other, FLOATING)
    return a * 2.0 ** b


def gcd(input, other):
    """The greatest common divisor of two integers; gcd(0, n) = |n|."""
    cdef Tensor a, b
    a, b = operands(input, other, SAME)
    return wrap(kernels.binary(GCD, a.array, b.array))


def lcm(input, other):
    """The least common multiple of two integers; 0 if one is 0."""
    return (input // gcd(input, other).clamp(min=1) * other).abs()


methods([frac, deg2rad, rad2deg, nan_to_num, copysign, heaviside, ldexp, gcd, lcm],
        in_place_too=True)
methods([positive, fmax, fmin, float_power])
