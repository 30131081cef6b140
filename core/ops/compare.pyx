"""Comparisons and logic: their results are bools (or bits), and have no gradient."""

cimport numpy as cnp

import math

import numpy as np

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport AND, EQ, GE, GT, LE, LT, NE, OR, XOR
from plugrad.ops.common cimport SAME, as_operand, operands
from plugrad.ops.common import aliases, methods
from plugrad.tensor.tensor cimport Tensor, detached, operators, wrap

cnp.import_array()


cdef Tensor compare(kernels.Binary code, object a, object b):
    cdef Tensor x, y
    if isinstance(a, Tensor):
        a = detached(<Tensor> a)
    if isinstance(b, Tensor):
        b = detached(<Tensor> b)
    x, y = operands(a, b, SAME)
    return wrap(kernels.binary(code, x.array, y.array))


def eq(input, other):
    """Whether input == other, element by element."""
    return compare(EQ, input, other)


def ne(input, other):
    """Whether input != other, element by element."""
    return compare(NE, input, other)


def lt(input, other):
    """Whether input < other, element by element."""
    return compare(LT, input, other)


def le(input, other):
    """Whether input <= other, element by element."""
    return compare(LE, input, other)


def gt(input, other):
    """Whether input > other, element by element."""
    return compare(GT, input, other)


def ge(input, other):
    """Whether input >= other, element by element."""
    return compare(GE, input, other)


cdef Tensor bits(kernels.Binary code, object a, object b, object what):
    cdef Tensor x, y
    x, y = operands(a, b, SAME)
    if cnp.PyArray_ISFLOAT(x.array):
        raise RuntimeError(f"{what}: expected tensors of an integer dtype or bool, got {x.dtype}; "
                           "compare first, e.g. (x > 0) & (y > 0)")
    return wrap(kernels.binary(code, x.array, y.array))


def bitwise_and(input, other):
    """input & other: bit by bit, for bools the logical and."""
    return bits(AND, input, other, "bitwise_and")


def bitwise_or(input, other):
    """input | other: bit by bit, for bools the logical or."""
    return bits(OR, input, other, "bitwise_or")


def bitwise_xor(input, other):
    """input ^ other: bit by bit, for bools whether they differ."""
    return bits(XOR, input, other, "bitwise_xor")


def bitwise_not(input):
    """~input: every bit turned, for bools the logical not."""
    cdef Tensor x = as_operand(input)
    if cnp.PyArray_ISFLOAT(x.array):
        raise RuntimeError(f"bitwise_not: expected an integer dtype or bool, got {x.dtype}")
    if cnp.PyArray_ISBOOL(x.array):
        return compare(EQ, x, False)
    return wrap(kernels.binary(XOR, x.array, np.array(-1).astype(x.array.dtype)))


cdef Tensor truth(object x):
    return compare(NE, x, 0)


def logical_and(input, other):
    """Whether both are other than 0."""
    return bits(AND, truth(input), truth(other), "logical_and")


def logical_or(input, other):
    """Whether at least one is other than 0."""
    return bits(OR, truth(input), truth(other), "logical_or")


def logical_xor(input, other):
    """Whether exactly one is other than 0."""
    return bits(XOR, truth(input), truth(other), "logical_xor")


def logical_not(input):
    """Whether it is 0."""
    return compare(EQ, input, 0)


def isnan(input):
    """Whether it is NaN, element by element."""
    return wrap(np.asarray(np.isnan(as_operand(input).array)))


def isinf(input):
    """Whether it is infinite, element by element."""
    return wrap(np.asarray(np.isinf(as_operand(input).array)))


def isfinite(input):
    """Whether it is neither infinite nor NaN, element by element."""
    return wrap(np.asarray(np.isfinite(as_operand(input).array)))


def isposinf(input):
    """Whether it is inf, element by element."""
    return compare(EQ, input, math.inf)


def isneginf(input):
    """Whether it is -inf, element by element."""
    return compare(EQ, input, -math.inf)


def isreal(input):
    """Whether it is a real number: always so, as there is no complex dtype."""
    return wrap(np.ones(np.shape(as_operand(input).array), np.bool_))


def signbit(input):
    """Whether it has a minus sign, element by element; so has -0.0."""
    return wrap(np.asarray(np.signbit(as_operand(input).array)))


def isclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether |input - other| <= atol + rtol * |other|, element by element."""
    return wrap(np.asarray(np.isclose(as_operand(input).array, as_operand(other).array,
                                      rtol, atol, equal_nan)))


def allclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether all elements are close (see isclose), as a Python bool."""
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input, other):
    """Whether shape and all elements are equal, as a Python bool."""
    return bool(np.array_equal(as_operand(input).array, as_operand(other).array))


cdef object operator_eq(object a, object b):
    return compare(EQ, a, b)

cdef object operator_ne(object a, object b):
    return compare(NE, a, b)

cdef object operator_lt(object a, object b):
    return compare(LT, a, b)

cdef object operator_le(object a, object b):
    return compare(LE, a, b)

cdef object operator_gt(object a, object b):
    return compare(GT, a, b)

cdef object operator_ge(object a, object b):
    return compare(GE, a, b)

cdef object operator_and(object a, object b):
    return bits(AND, a, b, "&")

cdef object operator_or(object a, object b):
    return bits(OR, a, b, "|")

cdef object operator_xor(object a, object b):
    return bits(XOR, a, b, "^")

cdef object operator_iand(object a, object b):
    return a.bitwise_and_(b)

cdef object operator_ior(object a, object b):
    return a.bitwise_or_(b)

cdef object operator_ixor(object a, object b):
    return a.bitwise_xor_(b)

cdef object operator_invert(object x):
    return bitwise_not(x)

operators.eq, operators.ne = operator_eq, operator_ne
operators.lt, operators.le = operator_lt, operator_le
operators.gt, operators.ge = operator_gt, operator_ge
operators.and_, operators.or_, operators.xor = operator_and, operator_or, operator_xor
operators.iand, operators.ior, operators.ixor = operator_iand, operator_ior, operator_ixor
operators.invert = operator_invert

# The in-place forms keep the dtype of the tensor that they write to.
methods([eq, ne, lt, le, gt, ge, bitwise_and, bitwise_or, bitwise_xor, bitwise_not, logical_and,
         logical_or, logical_xor, logical_not], in_place_too=True)
methods([isnan, isinf, isfinite, isposinf, isneginf, isreal, signbit, isclose, allclose, equal])
aliases(greater=gt, less=lt, greater_equal=ge, less_equal=le, not_equal=ne)
