cimport numpy as cnp

# Each door takes arrays of any strides and one dtype, broadcasts, and writes to `out` when that is
# not None (right shape and dtype, may be one of the inputs), else to a new array.

cpdef enum Unary:
    NEG, ABS, SIGN, SQUARE, RECIPROCAL, EXP, EXP2, EXPM1, LOG, LOG1P, LOG2, LOG10, SQRT, RSQRT,
    SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ASINH, ACOSH, ATANH,
    SIGMOID, ERF, ERFC, ERFINV, LGAMMA, FLOOR, CEIL, ROUND, TRUNC, RELU

cpdef enum Binary:
    ADD, SUB, MUL, DIV, FLOOR_DIV, REMAINDER, FMOD, POW, MAXIMUM, MINIMUM,
    ATAN2, HYPOT, LOGADDEXP, GCD,
    EQ, NE, LT, LE, GT, GE,
    AND, OR, XOR

cpdef cnp.ndarray unary(Unary op, cnp.ndarray a, cnp.ndarray out=*)
cpdef cnp.ndarray binary(Binary op, cnp.ndarray a, cnp.ndarray b, cnp.ndarray out=*)
cpdef cnp.ndarray where(cnp.ndarray condition, cnp.ndarray a, cnp.ndarray b)
