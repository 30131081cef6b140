"""Trigonometric and hyperbolic functions and their inverses; lengths and angles in the plane."""

import plugrad as pg
from plugrad.ops import binary, unary

sin = unary("sin", lambda g, x: g * x.cos(), "The sine of x radians")
cos = unary("cos", lambda g, x: -g * x.sin(), "The cosine of x radians")
tan = unary("tan", lambda g, y: g * (y * y + 1.0), "The tangent of x radians")
asin = unary("asin", lambda g, x: g * (1.0 - x * x).rsqrt(),
             "The angle, from -pi/2 to pi/2, whose sine is x; NaN outside [-1, 1].")
acos = unary("acos", lambda g, x: -g * (1.0 - x * x).rsqrt(),
             "The angle, from 0 to pi, whose cosine is x; NaN outside [-1, 1].")
atan = unary("atan", lambda g, x: g / (x * x + 1.0),
             "The angle, from -pi/2 to pi/2, whose tangent is x")
sinh = unary("sinh", lambda g, x: g * x.cosh(),
             "The hyperbolic sine, (exp(x) - exp(-x)) / 2")
cosh = unary("cosh", lambda g, x: g * x.sinh(),
             "The hyperbolic cosine, (exp(x) + exp(-x)) / 2")
asinh = unary("asinh", lambda g, x: g * (x * x + 1.0).rsqrt(),
              "The number whose hyperbolic sine is x")
acosh = unary("acosh", lambda g, x: g * (x * x - 1.0).rsqrt(),
              "The number, not below 0, whose hyperbolic cosine is x; NaN below 1.")
atanh = unary("atanh", lambda g, x: g / (1.0 - x * x),
              "The number whose hyperbolic tangent is x; NaN outside [-1, 1].")


def _atan2_vjp(g, a, b):
    scaled = g / (a * a + b * b)
    return scaled * b, -scaled * a


atan2 = binary("atan2", _atan2_vjp,
               "The angle in radians, from -pi to pi, of the point with y = input and x = other.")
hypot = binary("hypot", lambda g, a, b, y: (g * (a / y), g * (b / y)),
               "sqrt(input² + other²), which neither overflows nor underflows on the way.")


@pg.hookimpl
def register_ops(register):
    register(sin, cos, tan, sinh, cosh, hypot, in_place=True)
    register(asin, in_place=True, aliases=("arcsin",))
    register(acos, in_place=True, aliases=("arccos",))
    register(atan, in_place=True, aliases=("arctan",))
    register(atan2, in_place=True, aliases=("arctan2",))
    register(asinh, in_place=True, aliases=("arcsinh",))
    register(acosh, in_place=True, aliases=("arccosh",))
    register(atanh, in_place=True, aliases=("arctanh",))
