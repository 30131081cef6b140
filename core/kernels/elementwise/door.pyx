"""The doors of the elementwise kernels: check, find the loop, run it over the operands."""

cimport numpy as cnp

from plugrad.kernels.base cimport buffers
from plugrad.kernels.elementwise.arithmetic cimport arithmetic_loop
from plugrad.kernels.elementwise.comparison cimport comparison_loop, where_loop
from plugrad.kernels.elementwise.functions cimport function_loop
from plugrad.kernels.strides.mapping cimport loop1_t, loop2_t, loop_t, map_straight, map_strided
from plugrad.kernels.reduce.door cimport ALL, MIN, reduce
from plugrad.kernels.elementwise.scalars cimport scalar_loop
from plugrad.kernels.strides.strides cimport RELEASE, overlap, same_shape
from plugrad.kernels.elementwise.trigonometry cimport trigonometry_loop
from plugrad.kernels.base.typenums cimport BOOL, FLOAT32, SLOTS, plain, slot, typenum

cnp.import_array()

cdef loop_t unary_loops[RELU + 1][SLOTS]
cdef loop_t binary_loops[XOR + 1][SLOTS]
cdef loop_t number_loops[XOR + 1][SLOTS][2]
cdef loop_t where_loops[SLOTS]
# for errors; looked up here, an enum's name would cost each call a microsecond
cdef list unary_names = [op.name.lower() for op in Unary]
cdef list binary_names = [op.name.lower() for op in Binary]


cdef fill_tables():
    cdef int op, s
    for s in range(<int> SLOTS):
        where_loops[s] = where_loop(s)
        for op in range(<int> RELU + 1):
            unary_loops[op][s] = (trigonometry_loop(op, s) if SIN <= op <= ATANH
                                  else function_loop(op, s))
        for op in range(<int> XOR + 1):
            binary_loops[op][s] = (comparison_loop(op, s) if EQ <= op <= GE
                                   else arithmetic_loop(op, s))
            number_loops[op][s][0] = scalar_loop(op, s, 0)
            number_loops[op][s][1] = scalar_loop(op, s, 1)


fill_tables()


cdef inline bint direct(cnp.ndarray out, cnp.ndarray a, int out_slot) noexcept:
    """Whether a loop may write to out while it reads all of plain a: like arrays in the same
    memory or in none that they share."""
    return (slot(out) == out_slot and plain(out) and cnp.PyArray_ISWRITEABLE(out)
            and same_shape(out, a)
            and (cnp.PyArray_DATA(out) == cnp.PyArray_DATA(a)
                 and cnp.PyArray_ITEMSIZE(out) == cnp.PyArray_ITEMSIZE(a)
                 or not overlap(out, a)))


cdef inline int unary_cost(int op) noexcept nogil:
    """What an element costs, roughly, in elements read or written."""
    return 1 if op < EXP or FLOOR <= op <= RELU else 8


cdef inline int binary_cost(int op) noexcept nogil:
    return 8 if FLOOR_DIV <= op <= POW or ATAN2 <= op <= GCD else 1


cdef refuse_unary(int op, cnp.ndarray a):
    if not 0 <= op <= RELU:
        raise ValueError(f"unary: expected an operation of the enum Unary, got {op}")
    if op == NEG and slot(a) == BOOL:
        raise RuntimeError("neg: - is not defined for bool; use ~ or logical_not to invert a mask")
    raise RuntimeError(f"{unary_names[op]}: not defined for dtype {a.dtype}; convert it first")


cdef refuse_binary(int op, cnp.ndarray a, cnp.ndarray b):
    if not 0 <= op <= XOR:
        raise ValueError(f"binary: expected an operation of the enum Binary, got {op}")
    name = binary_names[op]
    if slot(a) != slot(b):
        raise RuntimeError(
            f"{name}: expected operands of one dtype, got {a.dtype} and {b.dtype}; convert one")
    if op == SUB and slot(a) == BOOL:
        raise RuntimeError("sub: - is not defined for two bool operands; use ^ or logical_xor")
    raise RuntimeError(f"{name}: not defined for dtype {a.dtype}; convert the operands first")


cdef check_integers(int op, cnp.ndarray a, cnp.ndarray b):
    """Refuse the integer operands that have no result."""
    if cnp.PyArray_SIZE(a) == 0 or cnp.PyArray_SIZE(b) == 0:
        return
    if op == POW:
        if (<object> reduce(MIN, b, -1, False)).item() < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
    elif not (<object> reduce(ALL, b, -1, False)).item():
        raise RuntimeError("ZeroDivisionError")


cpdef cnp.ndarray unary(Unary op, cnp.ndarray a, cnp.ndarray out=None):
    """out = op(a), a new array unless out is given."""
    cdef int s = slot(a)
    cdef Py_ssize_t n
    cdef loop_t loop
    cdef char* p[4]
    cdef int size[4]
    if s < 0 or not 0 <= <int> op <= RELU or unary_loops[<int> op][s] == NULL:
        refuse_unary(op, a)
    loop = unary_loops[<int> op][s]
    if not plain(a) or (out is not None and not direct(out, a, s)):
        return map_strided(unary_names[<int> op], loop, 1, a, None, None, out, s, NULL,
                           unary_cost(op))
    if out is None:
        out = buffers.empty_like(a, typenum(s))
    n = cnp.PyArray_SIZE(a)
    if n > RELEASE:
        p[0], p[1] = <char*> cnp.PyArray_DATA(a), <char*> cnp.PyArray_DATA(out)
        size[0], size[1] = <int> cnp.PyArray_ITEMSIZE(a), <int> cnp.PyArray_ITEMSIZE(out)
        with nogil:
            map_straight(loop, 1, p, size, n, unary_cost(op))
    else:
        (<loop1_t> loop)(cnp.PyArray_DATA(a), cnp.PyArray_DATA(out), n)
    return out


cdef inline cnp.ndarray with_number(int op, cnp.ndarray a, cnp.ndarray b, cnp.ndarray out, int s):
    """a op b where one is a number and the other is not large; None where that is not so."""
    cdef bint last = cnp.PyArray_NDIM(b) == 0
    cdef cnp.ndarray many = a if last else b
    cdef loop_t loop = number_loops[op][s][1 if last else 0]
    if (loop == NULL or cnp.PyArray_SIZE(many) > RELEASE or not (last or cnp.PyArray_NDIM(a) == 0)
            or (out is not None and not direct(out, many, s))):
        return None
    if out is None:
        out = buffers.empty_like(many, typenum(s))
    (<loop2_t> loop)(cnp.PyArray_DATA(a), cnp.PyArray_DATA(b), cnp.PyArray_DATA(out),
                     cnp.PyArray_SIZE(many))
    return out


cpdef cnp.ndarray binary(Binary op, cnp.ndarray a, cnp.ndarray b, cnp.ndarray out=None):
    """out = a op b, broadcast, a new array unless out is given; comparisons give bool."""
    cdef int result, s = slot(a)
    cdef Py_ssize_t n
    cdef loop_t loop
    cdef char* p[4]
    cdef int size[4]
    if (s < 0 or s != slot(b) or not 0 <= <int> op <= XOR
            or binary_loops[<int> op][s] == NULL):
        refuse_binary(op, a, b)
    loop = binary_loops[<int> op][s]
    result = BOOL if EQ <= <int> op <= GE else s
    if s < FLOAT32 and FLOOR_DIV <= <int> op <= POW:
        check_integers(op, a, b)
    if not same_shape(a, b) and plain(a) and plain(b):
        y = with_number(<int> op, a, b, out, s)
        if y is not None:
            return y
    if (not plain(a) or not plain(b) or not same_shape(a, b)
            or (out is not None and not (direct(out, a, result) and direct(out, b, result)))):
        return map_strided(binary_names[<int> op], loop, 2, a, b, None, out, result,
                           number_loops[<int> op][s], binary_cost(op))
    if out is None:
        out = buffers.empty_like(a, typenum(result))
    n = cnp.PyArray_SIZE(a)
    if n > RELEASE:
        p[0], p[1] = <char*> cnp.PyArray_DATA(a), <char*> cnp.PyArray_DATA(b)
        p[2] = <char*> cnp.PyArray_DATA(out)
        size[0] = size[1] = <int> cnp.PyArray_ITEMSIZE(a)
        size[2] = <int> cnp.PyArray_ITEMSIZE(out)
        with nogil:
            map_straight(loop, 2, p, size, n, binary_cost(op))
    else:
        (<loop2_t> loop)(cnp.PyArray_DATA(a), cnp.PyArray_DATA(b), cnp.PyArray_DATA(out), n)
    return out


cpdef cnp.ndarray where(cnp.ndarray condition, cnp.ndarray a, cnp.ndarray b):
    """a where condition holds, else b, the three broadcast."""
    cdef int s = slot(a)
    if slot(condition) != BOOL:
        raise RuntimeError(f"where: expected a condition of dtype bool, got {condition.dtype}")
    if s < 0 or s != slot(b):
        raise RuntimeError(
            f"where: expected two values of one dtype, got {a.dtype} and {b.dtype}; convert one")
    return map_strided("where", where_loops[s], 3, condition, a, b, None, s)
