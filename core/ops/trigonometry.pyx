"""Trigonometric and hyperbolic functions and their inverses; lengths and angles in the plane."""

cimport numpy as cnp

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport (
    ACOS, ACOSH, ASIN, ASINH, ATAN, ATAN2, ATANH, COS, COSH, HYPOT, SIN, SINH, TAN,
)
from plugrad.ops.common cimport FLOATING, as_floating, binary_op, run1
from plugrad.ops.common import aliases, methods
from plugrad.tensor.tensor cimport Op

cnp.import_array()


cdef class Sin(Op):
    """y = sin(x);    dy/dx = cos(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(SIN, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * cos(x)


cdef class Cos(Op):
    """y = cos(x);    dy/dx = -sin(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(COS, x)

    def vjp(self, g):
        x, = self.unpack()
        return -g * sin(x)


cdef class Tan(Op):
    """y = tan(x);    dy/dx = 1 + y²"""

    def forward(self, cnp.ndarray x):
        y = kernels.unary(TAN, x)
        self.kept = (y,)
        return y

    def vjp(self, g):
        y, = self.unpack()
        return g * (y * y + 1.0)


cdef class Asin(Op):
    """y = arcsin(x);    dy/dx = 1 / sqrt(1 - x²)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ASIN, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * (1.0 - x * x).rsqrt()


cdef class Acos(Op):
    """y = arccos(x);    dy/dx = -1 / sqrt(1 - x²)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ACOS, x)

    def vjp(self, g):
        x, = self.unpack()
        return -g * (1.0 - x * x).rsqrt()


cdef class Atan(Op):
    """y = arctan(x);    dy/dx = 1 / (1 + x²)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ATAN, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / (x * x + 1.0)


cdef class Sinh(Op):
    """y = sinh(x);    dy/dx = cosh(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(SINH, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * cosh(x)


cdef class Cosh(Op):
    """y = cosh(x);    dy/dx = sinh(x)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(COSH, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * sinh(x)


cdef class Asinh(Op):
    """y = arsinh(x);    dy/dx = 1 / sqrt(x² + 1)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ASINH, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * (x * x + 1.0).rsqrt()


cdef class Acosh(Op):
    """y = arcosh(x);    dy/dx = 1 / sqrt(x² - 1)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ACOSH, x)

    def vjp(self, g):
        x, = self.unpack()
        return g * (x * x - 1.0).rsqrt()


cdef class Atanh(Op):
    """y = artanh(x);    dy/dx = 1 / (1 - x²)"""

    def forward(self, cnp.ndarray x):
        self.kept = (x,)
        return kernels.unary(ATANH, x)

    def vjp(self, g):
        x, = self.unpack()
        return g / (1.0 - x * x)


cdef class Atan2(Op):
    """y = the angle of the point (b, a);    da = g b / (a² + b²);    db = -g a / (a² + b²)"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(ATAN2, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        scaled = g / (a * a + b * b)
        return scaled * b, -scaled * a


cdef class Hypot(Op):
    """y = sqrt(a² + b²);    da = g a / y;    db = g b / y"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        y = kernels.binary(HYPOT, a, b)
        self.kept = (a, b, y)
        return y

    def vjp(self, g):
        a, b, y = self.unpack()
        return g * (a / y), g * (b / y)


# ----------------------------------------------------------------------------------- what is called

def sin(input):
    """The sine of x radians"""
    return run1(Sin.__new__(Sin), as_floating(input))


def cos(input):
    """The cosine of x radians"""
    return run1(Cos.__new__(Cos), as_floating(input))


def tan(input):
    """The tangent of x radians"""
    return run1(Tan.__new__(Tan), as_floating(input))


def asin(input):
    """The angle, from -pi/2 to pi/2, whose sine is x; NaN outside [-1, 1]."""
    return run1(Asin.__new__(Asin), as_floating(input))


def acos(input):
    """The angle, from 0 to pi, whose cosine is x; NaN outside [-1, 1]."""
    return run1(Acos.__new__(Acos), as_floating(input))


def atan(input):
    """The angle, from -pi/2 to pi/2, whose tangent is x"""
    return run1(Atan.__new__(Atan), as_floating(input))


def sinh(input):
    """The hyperbolic sine, (exp(x) - exp(-x)) / 2"""
    return run1(Sinh.__new__(Sinh), as_floating(input))


def cosh(input):
    """The hyperbolic cosine, (exp(x) + exp(-x)) / 2"""
    return run1(Cosh.__new__(Cosh), as_floating(input))


def asinh(input):
    """The number whose hyperbolic sine is x"""
    return run1(Asinh.__new__(Asinh), as_floating(input))


def acosh(input):
    """The number, not below 0, whose hyperbolic cosine is x; NaN below 1."""
    return run1(Acosh.__new__(Acosh), as_floating(input))


def atanh(input):
    """The number whose hyperbolic tangent is x; NaN outside [-1, 1]."""
    return run1(Atanh.__new__(Atanh), as_floating(input))


def atan2(input, other):
    """The angle in radians, from -pi to pi, of the point with y = input and x = other."""
    return binary_op(Atan2.__new__(Atan2), input, other, FLOATING)


def hypot(input, other):
    """sqrt(input² + other²), which neither overflows nor underflows on the way."""
    return binary_op(Hypot.__new__(Hypot), input, other, FLOATING)


methods([sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh, atan2, hypot],
        in_place_too=True)
aliases(arcsin=asin, arccos=acos, arctan=atan, arcsinh=asinh, arccosh=acosh, arctanh=atanh,
        arctan2=atan2)
