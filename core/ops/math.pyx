"""Functions of one tensor, element by element."""

cimport numpy as cnp

import math

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport (
    ABS, CEIL, EXP, EXP2, EXPM1, FLOOR, LOG, LOG1P, LOG2, LOG10, NEG, RECIPROCAL, ROUND, RSQRT,
    SIGN, SQRT, SQUARE, TRUNC,
)
from plugrad.ops.common cimport as_floating, as_operand, run1
from plugrad.ops.common import aliases, methods
from plugrad.tensor.tensor cimport Op, Tensor, operators

cnp.import_array()


cdef class Neg(Op):
    """y = -x"""

    def forward(self, cnp.ndarray x):
        return kernels.unary(NEG, x)

    def vjp(self, g):
        return -g


cdef class Abs(Op):
    """y = |x|;    dy/dx = sign(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ABS, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * sign(x)


cdef class Square(Op):
    """y = x²"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(SQUARE, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * (2.0 * x)


cdef class Reciprocal(Op):
    """y = 1 / x;    dy/dx = -y²"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(RECIPROCAL, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return -g * (y * y)


cdef class Exp(Op):
    """y = exp(x);    dy/dx = y"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(EXP, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * y


cdef class Exp2(Op):
    """y = 2 ** x;    dy/dx = y log(2)"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(EXP2, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * (y * math.log(2.0))


cdef class Expm1(Op):
    """y = exp(x) - 1;    dy/dx = y + 1"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(EXPM1, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * (y + 1.0)


cdef class Log(Op):
    """y = log(x);    dy/dx = 1 / x"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(LOG, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / x


cdef class Log1p(Op):
    """y = log(1 + x);    dy/dx = 1 / (1 + x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(LOG1P, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / (x + 1.0)


cdef class Log2(Op):
    """y = log(x) / log(2);    dy/dx = 1 / (x log(2))"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(LOG2, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / (x * math.log(2.0))


cdef class Log10(Op):
    """y = log(x) / log(10);    dy/dx = 1 / (x log(10))"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(LOG10, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / (x * math.log(10.0))


cdef class Sqrt(Op):
    """y = sqrt(x);    dy/dx = 1 / (2 y)"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(SQRT, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g / (2.0 * y)


cdef class Rsqrt(Op):
    """y = 1 / sqrt(x);    dy/dx = -y³ / 2"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(RSQRT, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * (-0.5 * (y * y * y))


cdef class Step(Op):
    """A function that is flat wherever it is smooth (sign, floor, ...): its gradient is 0."""
    cdef kernels.Unary code

    def forward(self, cnp.ndarray x):
        return kernels.unary(self.code, x)

    def vjp(self, g):
        return g * 0.0


cdef Tensor step(kernels.Unary code, object x):
    cdef Step op = Step.__new__(Step)
    op.code = code
    return op.run1(as_operand(x))


# ----------------------------------------------------------------------------------- what is called

def neg(input):
    """-x.  Raises RuntimeError for bool."""
    return run1(Neg.__new__(Neg), as_operand(input))


def abs(input):
    """|x|"""
    return run1(Abs.__new__(Abs), as_operand(input))


def sign(input):
    """-1, 0 or 1; its gradient is 0."""
    return step(SIGN, input)


def floor(input):
    """The largest integer that is not above x; its gradient is 0."""
    return step(FLOOR, input)


def ceil(input):
    """The smallest integer that is not below x; its gradient is 0."""
    return step(CEIL, input)


def trunc(input):
    """x without its fraction; its gradient is 0."""
    return step(TRUNC, input)


def round(input, *, decimals=0):
    """x rounded to that many decimals, halves to the even neighbor; its gradient is 0."""
    if decimals == 0:
        return step(ROUND, input)
    return step(ROUND, input * 10.0 ** decimals) / 10.0 ** decimals


def square(input):
    """x²"""
    return run1(Square.__new__(Square), as_operand(input))


def reciprocal(input):
    """1 / x"""
    return run1(Reciprocal.__new__(Reciprocal), as_floating(input))


def exp(input):
    """e to the power of x"""
    return run1(Exp.__new__(Exp), as_floating(input))


def exp2(input):
    """2 to the power of x"""
    return run1(Exp2.__new__(Exp2), as_floating(input))


def expm1(input):
    """exp(x) - 1, exact for small x"""
    return run1(Expm1.__new__(Expm1), as_floating(input))


def log(input):
    """The natural logarithm; -inf at 0, NaN below."""
    return run1(Log.__new__(Log), as_floating(input))


def log1p(input):
    """log(1 + x), exact for small x"""
    return run1(Log1p.__new__(Log1p), as_floating(input))


def log2(input):
    """The logarithm to base 2"""
    return run1(Log2.__new__(Log2), as_floating(input))


def log10(input):
    """The logarithm to base 10"""
    return run1(Log10.__new__(Log10), as_floating(input))


def sqrt(input):
    """The square root; NaN below 0."""
    return run1(Sqrt.__new__(Sqrt), as_floating(input))


def rsqrt(input):
    """1 / sqrt(x)"""
    return run1(Rsqrt.__new__(Rsqrt), as_floating(input))


cdef object operator_neg(object x):
    return run1(Neg.__new__(Neg), <Tensor> x)

cdef object operator_abs(object x):
    return run1(Abs.__new__(Abs), <Tensor> x)

operators.neg, operators.abs = operator_neg, operator_abs

methods([neg, abs, sign, floor, ceil, trunc, round, square, reciprocal, exp, exp2, expm1, log,
         log1p, log2, log10, sqrt, rsqrt], in_place_too=True)
aliases(negative=neg, absolute=abs, sgn=sign, fix=trunc)
