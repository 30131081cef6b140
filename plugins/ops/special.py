"""Special functions: the error function and its kin, gamma functions, logarithms and entropies."""

import math

import numpy as np
import plugrad as pg
from plugrad.ops import binary, promoted, unary

erf = unary("erf", lambda g, x: g * ((-(x * x)).exp() * (2.0 / math.sqrt(math.pi))),
            "The error function, 2 / sqrt(pi) * the integral of exp(-t²) from 0 to x")
erfc = unary("erfc", lambda g, x: g * ((-(x * x)).exp() * (-2.0 / math.sqrt(math.pi))),
             "1 - erf(x), exact for large x")
erfinv = unary("erfinv", lambda g, y: g * ((y * y).exp() * (math.sqrt(math.pi) / 2.0)),
               "The inverse of the error function; infinite at -1 and 1, NaN outside.")
lgamma = unary("lgamma", lambda g, x: g * x.digamma(),
               "The logarithm of |gamma(x)|, where gamma(n + 1) = n!; infinite at 0, -1, -2, ...")
logaddexp = binary("logaddexp", lambda g, a, b: (g * (a - b).sigmoid(), g * (b - a).sigmoid()),
                   "log(exp(input) + exp(other)), which does not overflow.")

# psi(y) = log(y) - 1 / (2 y) - the sum of B_2k / (2k y^2k) over k = 1, 2, ...: these are B_2k / 2k.
BERNOULLI = (1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12)


def _floating(*inputs):
    """The inputs as tensors of one floating point dtype and one shape."""
    tensors = promoted(*inputs)
    dtype = tensors[0].dtype if tensors[0].is_floating_point() else pg.get_default_dtype()
    return [x.to(dtype) for x in tensors]


def digamma(input):
    """psi(x), the derivative of lgamma; NaN at -1, -2, ...

    From psi(x + 1) = psi(x) + 1 / x up to where the asymptotic series holds, and from
    psi(1 - x) = psi(x) + pi / tan(pi x) below 1/2   (Abramowitz & Stegun, 1964, 6.3).
    """
    x, = _floating(input)
    low = x < 0.5
    y = pg.where(low, 1.0 - x, x)
    steps = sum(1.0 / (y + k) for k in range(8))
    y = y + 8.0
    square, series = 1.0 / (y * y), 0.0
    for b in reversed(BERNOULLI):
        series = (series + b) * square
    psi = y.log() - 0.5 / y - series - steps
    angle = math.pi * pg.where(low, x.fmod(1.0), 0.25)
    psi = psi - pg.where(low, math.pi * angle.cos() / angle.sin(), 0.0)
    return pg.where((x < 0) & (x == x.trunc()), math.nan, psi)


def logaddexp2(input, other):
    """log2(2 ** input + 2 ** other), which does not overflow."""
    return logaddexp(input * math.log(2.0), other * math.log(2.0)) / math.log(2.0)


class Xlogy(pg.Op):
    """y = x log(z), 0 where x = 0;    dx = g log(z), 0 where x = 0 and z <= 0;    dz = g x / z"""

    def forward(self, x, z):
        self.save(x, z)
        with np.errstate(all="ignore"):
            return np.where((x == 0) & (z == z), 0, x * np.log(z))

    def vjp(self, g):
        x, z = self.saved
        return xlogy(g, z).masked_fill((x == 0) & (z <= 0), 0.0), g * x / z


class SpecialXlog1Py(pg.Op):
    """y = x log(1 + z), 0 where x = 0;    dx = g log(1 + z);    dz = g x / (1 + z)"""

    def forward(self, x, z):
        self.save(x, z)
        with np.errstate(all="ignore"):
            return np.where((x == 0) & (z == z), 0, x * np.log1p(z))

    def vjp(self, g):
        x, z = self.saved
        return xlog1py(g, z).masked_fill((x == 0) & (z <= -1), 0.0), g * x / (z + 1.0)


class SpecialEntr(pg.Op):
    """y = -x log(x), 0 at 0, -inf below;    dy/dx = -log(x) - 1"""

    def forward(self, x):
        self.save(x)
        with np.errstate(all="ignore"):
            return np.where(x == 0, x, np.where(x < 0, x.dtype.type(-np.inf), -x * np.log(x)))

    def vjp(self, g):
        x, = self.saved
        return g * (-x.log() - 1.0)


def xlogy(input, other):
    """input * log(other), and 0 where input is 0, unless other is NaN."""
    return Xlogy()(*_floating(input, other))


def xlog1py(input, other):
    """x * log(1 + y), 0 where x is 0"""
    return SpecialXlog1Py()(*_floating(input, other))


def entr(input):
    """-x * log(x), 0 at 0, -inf below"""
    return SpecialEntr()(*_floating(input))


def ndtr(input):
    """The share of a standard normal distribution that is below x"""
    return erfc(-input * 0.5 ** 0.5) / 2


def logit(input, eps=None):
    """log(x / (1 - x)), the inverse of sigmoid; with eps, of x clamped to [eps, 1 - eps]."""
    x, = _floating(input)
    if eps is not None:
        x = x.clamp(eps, 1.0 - eps)
    return x.log() - (-x).log1p()


def sinc(input):
    """sin(pi x) / (pi x), and 1 at 0"""
    x, = _floating(input)
    y = x * math.pi
    zero = y == 0
    y = pg.where(zero, 1.0, y)
    return pg.where(zero, 1.0, y.sin() / y)


@pg.hookimpl
def register_ops(register):
    register(erf, erfc, erfinv, digamma, xlogy, logit, sinc, in_place=True,
             places=("plugrad", "special"))
    register(lgamma, in_place=True)
    register(logaddexp, logaddexp2)
    register(entr, ndtr, xlog1py, method=False, places=("special",))
    register(lgamma, name="gammaln", method=False, places=("special",))
    register(digamma, name="psi", method=False, places=("special",))
