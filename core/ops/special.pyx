"""Special functions: the error function and its kin, gamma functions, sums of exponentials."""

cimport numpy as cnp

import math

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport ERF, ERFC, ERFINV, LGAMMA, LOGADDEXP
from plugrad.ops.arithmetic import where
from plugrad.ops.common cimport FLOATING, as_floating, binary_op, operands, run1
from plugrad.ops.common import methods
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef class Erf(Op):
    """y = 2 / sqrt(pi) * the integral of exp(-t²) from 0 to x"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ERF, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * ((-(x * x)).exp() * (2.0 / math.sqrt(math.pi)))


cdef class Erfc(Op):
    """y = 1 - erf(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ERFC, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * ((-(x * x)).exp() * (-2.0 / math.sqrt(math.pi)))


cdef class Erfinv(Op):
    """y = the number with erf(y) = x;    dy/dx = sqrt(pi) / 2 * exp(y²)"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(ERFINV, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * ((y * y).exp() * (math.sqrt(math.pi) / 2.0))


cdef class Lgamma(Op):
    """y = log |gamma(x)|;    dy/dx = digamma(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(LGAMMA, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * digamma(x)


cdef class LogAddExp(Op):
    """y = log(exp(a) + exp(b));    da = g * sigmoid(a - b);    db = g * sigmoid(b - a)"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(LOGADDEXP, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return g * (a - b).sigmoid(), g * (b - a).sigmoid()


# ----------------------------------------------------------------------------------- what is called

def erf(input):
    """The error function, 2 / sqrt(pi) * the integral of exp(-t²) from 0 to x"""
    return run1(Erf.__new__(Erf), as_floating(input))


def erfc(input):
    """1 - erf(x), exact for large x"""
    return run1(Erfc.__new__(Erfc), as_floating(input))


def erfinv(input):
    """The inverse of the error function; infinite at -1 and 1, NaN outside."""
    return run1(Erfinv.__new__(Erfinv), as_floating(input))


def lgamma(input):
    """The logarithm of |gamma(x)|, where gamma(n + 1) = n!; infinite at 0, -1, -2, ..."""
    return run1(Lgamma.__new__(Lgamma), as_floating(input))


# psi(y) = log(y) - 1 / (2 y) - the sum of B_2k / (2k y^2k) over k = 1, 2, ...: these are B_2k / 2k.
cdef tuple BERNOULLI = (1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760,
                        1.0 / 12)


def digamma(input):
    """psi(x), the derivative of lgamma; NaN at -1, -2, ...

    From psi(x + 1) = psi(x) + 1 / x up to where the asymptotic series holds, and from
    psi(1 - x) = psi(x) + pi / tan(pi x) below 1/2   (Abramowitz & Stegun, 1964, 6.3).
    """
    x = as_floating(input)
    low = x < 0.5
    y = where(low, 1.0 - x, x)
    steps = sum([1.0 / (y + k) for k in range(8)])
    y = y + 8.0
    square, series = 1.0 / (y * y), 0.0
    for b in reversed(BERNOULLI):
        series = (series + b) * square
    psi = y.log() - 0.5 / y - series - steps
    angle = math.pi * where(low, x.fmod(1.0), 0.25)
    psi = psi - where(low, math.pi * angle.cos() / angle.sin(), 0.0)
    return where((x < 0) & (x == x.trunc()), math.nan, psi)


def logaddexp(input, other):
    """log(exp(input) + exp(other)), which does not overflow."""
    return binary_op(LogAddExp.__new__(LogAddExp), input, other, FLOATING)


def logaddexp2(input, other):
    """log2(2 ** input + 2 ** other), which does not overflow."""
    return logaddexp(input * math.log(2.0), other * math.log(2.0)) / math.log(2.0)


def xlogy(input, other):
    """input * log(other), and 0 where input is 0, unless other is NaN."""
    x, y = operands(input, other, FLOATING)
    return x * where((x == 0) & (y == y), 1.0, y).log()


def logit(input, eps=None):
    """log(x / (1 - x)), the inverse of sigmoid; with eps, of x clamped to [eps, 1 - eps]."""
    x = as_floating(input)
    if eps is not None:
        x = x.clamp(eps, 1.0 - eps)
    return x.log() - (-x).log1p()


def sinc(input):
    """sin(pi x) / (pi x), and 1 at 0"""
    y = as_floating(input) * math.pi
    zero = y == 0
    y = where(zero, 1.0, y)
    return where(zero, 1.0, y.sin() / y)


methods([erf, erfc, erfinv, lgamma, digamma, xlogy, logit, sinc], in_place_too=True)
methods([logaddexp, logaddexp2])
