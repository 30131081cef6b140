"""Arithmetic of two tensors, its in-place forms, and the choice between two."""

cimport cython
cimport numpy as cnp

import numpy as np

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door cimport (
    ADD, DIV, FLOOR_DIV, FMOD, MAXIMUM, MINIMUM, MUL, POW, REMAINDER, SUB,
)
from plugrad.ops.common cimport (
    FLOATING, SAME, as_operand, before_write, binary_op, expand_to, operands, overwrite, run,
    scalar_array,
)
from plugrad.ops.common import aliases, methods
from plugrad.tensor.tensor cimport (
    Op, Tensor, check_writable, grad_enabled, operators, wrap, written,
)
from plugrad.tensor.tensor import attach

cnp.import_array()


cdef class Add(Op):
    """y = a + b"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        return kernels.binary(ADD, a, b)

    def vjp(self, g):
        return g, g


cdef class Sub(Op):
    """y = a - b"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        return kernels.binary(SUB, a, b)

    def vjp(self, g):
        return g, -g if self.needs(1) else None


cdef class Mul(Op):
    """y = a * b"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a if self.needs(1) else None, b if self.needs(0) else None)
        return kernels.binary(MUL, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return g * b if self.needs(0) else None, g * a if self.needs(1) else None


cdef class Div(Op):
    """y = a / b;    da = g / b;    db = -g * (a / b) / b"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a if self.needs(1) else None, b)
        return kernels.binary(DIV, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return g / b if self.needs(0) else None, -g * (a / b / b) if self.needs(1) else None


cdef class Pow(Op):
    """y = a ** b;    da = g * b * a ** (b - 1), 0 where b = 0;    db = g * y * log(a)"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        y = kernels.binary(POW, a, b)
        self.kept = (a, b, y)
        return y

    def vjp(self, g):
        a, b, y = self.unpack()
        da = db = None
        if self.needs(0):
            da = g * where(b == 0, 0.0, b * a ** (b - 1))
        if self.needs(1):                        # 0 ** b is flat for b >= 0
            db = g * where((a == 0) & (b >= 0), 0.0, y * a.log())
        return da, db


cdef class PowNumber(Op):
    """y = a ** n for a number n;    da = g * n * a ** (n - 1)"""
    cdef double n

    def forward(self, cnp.ndarray a):
        self.kept = (a,)
        return kernels.binary(POW, a, scalar_array(self.n, cnp.PyArray_TYPE(a)))

    def vjp(self, g):
        a, = self.unpack()
        if self.n == 0 or self.n == 1:
            return g * self.n
        return g * (self.n * a ** (self.n - 1))


cdef class Remainder(Op):
    """y = a - b * floor(a / b)"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(REMAINDER, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return g, -g * floor_divide(a.detach(), b.detach()) if self.needs(1) else None


cdef class Fmod(Op):
    """y = a - b * trunc(a / b)"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(FMOD, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return g, -g * (a.detach() / b.detach()).trunc() if self.needs(1) else None


cdef class FloorDivide(Op):
    """y = floor(a / b): flat wherever it is smooth, so its gradient is 0"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        return kernels.binary(FLOOR_DIV, a, b)

    def vjp(self, g):
        zero = g * 0.0
        return zero, zero


cdef tuple shared(Tensor g, Tensor low, Tensor high):
    """The gradients of the lower and the higher operand where the higher is taken: halved where
    they are equal, and to both where one is NaN."""
    tie = low == high
    return g * where(tie, 0.5, ~(low < high)), g * where(tie, 0.5, ~(low > high))


cdef class Maximum(Op):
    """y = the larger of a and b; NaN if one is; the gradient is shared where they are equal"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(MAXIMUM, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return shared(g, a, b)


cdef class Minimum(Op):
    """y = the smaller of a and b; NaN if one is; the gradient is shared where they are equal"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a, b)
        return kernels.binary(MINIMUM, a, b)

    def vjp(self, g):
        a, b = self.unpack()
        return shared(g, b, a)


cdef class Where(Op):
    """y = a where the condition holds, else b"""

    def forward(self, cnp.ndarray condition, cnp.ndarray a, cnp.ndarray b):
        self.kept = (condition,)
        return kernels.where(condition, a, b)

    def vjp(self, g):
        condition, = self.unpack()
        return (None,
                where(condition, g, 0.0) if self.needs(1) else None,
                where(condition, 0.0, g) if self.needs(2) else None)


# ----------------------------------------------------------------------------------- what is called

cdef object scaled(object other, object alpha, str what):
    """alpha * other, in the dtype of other."""
    if alpha == 1:
        return other
    if not isinstance(other, Tensor):
        return other * alpha
    if isinstance(alpha, float) and not cnp.PyArray_ISFLOAT((<Tensor> other).array):
        raise RuntimeError(f"{what}: alpha must be an integer for {other.dtype}, got {alpha}")
    return (other * alpha).to(other.dtype)


def add(input, other, *, alpha=1):
    """input + alpha * other"""
    return binary_op(Add.__new__(Add), input, scaled(other, alpha, "add"), SAME)


def sub(input, other, *, alpha=1):
    """input - alpha * other"""
    return binary_op(Sub.__new__(Sub), input, scaled(other, alpha, "sub"), SAME)


def mul(input, other):
    """input * other"""
    return binary_op(Mul.__new__(Mul), input, other, SAME)


def div(input, other, *, rounding_mode=None):
    """input / other; rounded down with rounding_mode="floor", towards zero with "trunc".

    Integers divide as floats unless rounded.
    """
    if rounding_mode is None:
        return binary_op(Div.__new__(Div), input, other, FLOATING)
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode != "trunc":
        raise ValueError("div: expected rounding_mode None, 'floor' or 'trunc', got "
                         f"{rounding_mode!r}")
    a, b = operands(input, other, SAME)
    if a.is_floating_point():
        return (a / b).trunc()
    return where((a % b != 0) & ((a < 0) != (b < 0)), floor_divide(a, b) + 1, floor_divide(a, b))


def floor_divide(input, other):
    """floor(input / other)"""
    return binary_op(FloorDivide.__new__(FloorDivide), input, other, SAME)


def remainder(input, other):
    """What is left of input after whole multiples of other; it has the sign of other."""
    return binary_op(Remainder.__new__(Remainder), input, other, SAME)


def fmod(input, other):
    """What is left of input after whole multiples of other; it has the sign of input."""
    return binary_op(Fmod.__new__(Fmod), input, other, SAME)


def pow(input, exponent):
    """input ** exponent"""
    cdef PowNumber op
    if isinstance(input, Tensor) and cnp.PyArray_ISBOOL((<Tensor> input).array) and (
            isinstance(exponent, bool) or
            (isinstance(exponent, Tensor) and cnp.PyArray_ISBOOL((<Tensor> exponent).array))):
        return input | (not exponent if isinstance(exponent, bool) else ~exponent)
    if isinstance(input, Tensor) and isinstance(exponent, (int, float)):
        if exponent == 2:
            return input.square()
        if exponent == 0.5 and cnp.PyArray_ISFLOAT((<Tensor> input).array):
            return input.sqrt()
        if cnp.PyArray_ISFLOAT((<Tensor> input).array):
            op = PowNumber.__new__(PowNumber)
            op.n = exponent
            return op.run1(<Tensor> input)
    return binary_op(Pow.__new__(Pow), input, exponent, SAME)


def maximum(input, other):
    """The larger of the two, element by element; NaN where one is."""
    return binary_op(Maximum.__new__(Maximum), input, other, SAME)


def minimum(input, other):
    """The smaller of the two, element by element; NaN where one is."""
    return binary_op(Minimum.__new__(Minimum), input, other, SAME)


def where(condition, input=None, other=None):
    """input where the condition (bool) holds, else other; all three broadcast.

    With the condition alone: the indices at which it holds, one tensor per dimension.
    """
    cdef Tensor c = as_operand(condition, "where")
    cdef Tensor a, b, like
    if input is None and other is None:
        return tuple([wrap(i) for i in np.nonzero(np.atleast_1d(c.array))])
    if cnp.PyArray_TYPE(c.array) != cnp.NPY_BOOL:
        raise RuntimeError(f"where: expected a condition of dtype bool, got {c.dtype}; "
                           "compare first, e.g. where(x > 0, a, b)")
    a, b = operands(input, other, SAME)
    if grad_enabled() and (a.requires() or b.requires()):
        like = expand_to(expand_to(a.detach(), b.array), c.array)
        a, b = expand_to(a, like.array), expand_to(b, like.array)
    return run(Where.__new__(Where), (c, a, b))


def clamp(input, min=None, max=None):
    """input, but not below min nor above max (numbers or tensors; None: no bound).  The gradient
    passes where the bounds did not act."""
    cdef Tensor x = as_operand(input)
    if min is None and max is None:
        raise RuntimeError("clamp: expected min, max or both, got neither")
    for bound in (min, max):
        if bound is not None and not isinstance(bound, (Tensor, int, float, np.generic)):
            raise TypeError("clamp: expected bounds to be numbers, tensors or None, got "
                            f"{type(bound).__name__}")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        y = x
        if min is not None:
            y = where(y < min, min, y)
        if max is not None:
            y = where(y > max, max, y)
        return y
    if not cnp.PyArray_ISFLOAT(x.array):
        x = operands(x, max if min is None else min, SAME)[0]
    return run(Clamp(min, max), (x,))


@cython.trashcan(True)
cdef class Clamp(Op):
    """y = min(max(x, low), high)"""
    cdef object low, high

    def __init__(self, low, high):
        self.low, self.high = low, high

    def forward(self, cnp.ndarray x):
        cdef cnp.ndarray y = x
        if self.low is not None:
            y = kernels.binary(MAXIMUM, y, np.asarray(self.low, x.dtype))
        if self.high is not None:
            y = kernels.binary(MINIMUM, y, np.asarray(self.high, x.dtype))
        inside = np.ones(np.shape(x), np.bool_)
        if self.recording:
            if self.low is not None:
                inside &= x >= self.low
            if self.high is not None:
                inside &= x <= self.high
        self.kept = (inside,)
        return y

    def vjp(self, g):
        return g * self.unpack()[0]


# ----------------------------------------------------------------------------------- in-place forms

cdef Tensor write(kernels.Binary code, object function, Tensor x, object other):
    """x = function(x, other) in x's memory; by the kernel alone where nothing is recorded."""
    cdef Tensor y
    what = f"{function.__name__}_"
    cdef bint recording = grad_enabled() and (
        x.requires() or (isinstance(other, Tensor) and (<Tensor> other).requires()))
    if not recording:
        x_, y_ = operands(x, other, SAME)
        y = <Tensor> y_
        if x_ is x and fits(y.array, x.array) and (code != DIV or cnp.PyArray_ISFLOAT(x.array)):
            check_writable(x, what)
            kernels.binary(code, x.array, y.array, x.array)
            written(x, None)
            return x
    return overwrite(x, function(before_write(x, what, recording), other), what)


cdef bint fits(cnp.ndarray small, cnp.ndarray large) noexcept:
    """Whether `small` broadcasts to the shape of `large`."""
    cdef int i, extra = cnp.PyArray_NDIM(large) - cnp.PyArray_NDIM(small)
    if extra < 0:
        return False
    for i in range(cnp.PyArray_NDIM(small)):
        if (cnp.PyArray_DIM(small, i) != 1
                and cnp.PyArray_DIM(small, i) != cnp.PyArray_DIM(large, i + extra)):
            return False
    return True


def add_(Tensor self, other, *, alpha=1):
    """self += alpha * other.  Returns self."""
    return write(ADD, add, self, scaled(other, alpha, "add_"))


def sub_(Tensor self, other, *, alpha=1):
    """self -= alpha * other.  Returns self."""
    return write(SUB, sub, self, scaled(other, alpha, "sub_"))


def mul_(Tensor self, other):
    """self *= other.  Returns self."""
    return write(MUL, mul, self, other)


def div_(Tensor self, other, *, rounding_mode=None):
    """self /= other.  Returns self."""
    if rounding_mode is not None:
        return overwrite(self, div(before_write(self, "div_", grad_enabled()), other,
                                   rounding_mode=rounding_mode), "div_")
    return write(DIV, div, self, other)


def floor_divide_(Tensor self, other):
    """self //= other.  Returns self."""
    return write(FLOOR_DIV, floor_divide, self, other)


def remainder_(Tensor self, other):
    """self %= other.  Returns self."""
    return write(REMAINDER, remainder, self, other)


def pow_(Tensor self, exponent):
    """self **= exponent.  Returns self."""
    return write(POW, pow, self, exponent)


def lerp(input, end, weight):
    """input + weight * (end - input)"""
    return input + weight * (end - input)


def addcmul(input, tensor1, tensor2, *, value=1):
    """input + value * tensor1 * tensor2"""
    return input + value * tensor1 * tensor2


def addcdiv(input, tensor1, tensor2, *, value=1):
    """input + value * tensor1 / tensor2"""
    return input + value * (tensor1 / tensor2)


# --------------------------------------------------------------------------- Python's own operators

cdef object operator_add(object a, object b):
    return binary_op(Add.__new__(Add), a, b, SAME)

cdef object operator_sub(object a, object b):
    return binary_op(Sub.__new__(Sub), a, b, SAME)

cdef object operator_mul(object a, object b):
    return binary_op(Mul.__new__(Mul), a, b, SAME)

cdef object operator_div(object a, object b):
    return binary_op(Div.__new__(Div), a, b, FLOATING)

cdef object operator_floordiv(object a, object b):
    return floor_divide(a, b)

cdef object operator_mod(object a, object b):
    return remainder(a, b)

cdef object operator_pow(object a, object b):
    return pow(a, b)

cdef object operator_iadd(object a, object b):
    return write(ADD, add, a, b)

cdef object operator_isub(object a, object b):
    return write(SUB, sub, a, b)

cdef object operator_imul(object a, object b):
    return write(MUL, mul, a, b)

cdef object operator_idiv(object a, object b):
    return write(DIV, div, a, b)

cdef object operator_ifloordiv(object a, object b):
    return write(FLOOR_DIV, floor_divide, a, b)

cdef object operator_imod(object a, object b):
    return write(REMAINDER, remainder, a, b)

cdef object operator_ipow(object a, object b):
    return write(POW, pow, a, b)

operators.add, operators.iadd = operator_add, operator_iadd
operators.sub, operators.isub = operator_sub, operator_isub
operators.mul, operators.imul = operator_mul, operator_imul
operators.div, operators.idiv = operator_div, operator_idiv
operators.floordiv, operators.ifloordiv = operator_floordiv, operator_ifloordiv
operators.mod, operators.imod = operator_mod, operator_imod
operators.pow, operators.ipow = operator_pow, operator_ipow

methods([add, sub, mul, div, floor_divide, remainder, pow, maximum, minimum,
         add_, sub_, mul_, div_, floor_divide_, remainder_, pow_])
methods([fmod, clamp, lerp, addcmul, addcdiv], in_place_too=True)
aliases(multiply=mul, subtract=sub, divide=div, true_divide=div, clip=clamp)


def _where_method(self, condition, other):
    """self where the condition holds, else other."""
    return where(condition, self, other)


attach("where", _where_method)
