"""Loops whose result is bool, and the choice between two values by a bool."""

from plugrad.kernels.elementwise.door cimport EQ, GE, GT, LE, LT, NE, XOR
from plugrad.kernels.strides.mapping cimport loop_t
from plugrad.kernels.base.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, SLOTS, UINT8, int32_t, int64_t, number, uint8_t,
)

cdef loop_t table[XOR + 1][SLOTS]
cdef loop_t select_table[SLOTS]


cdef void eq(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] == b[i]


cdef void ne(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] != b[i]


cdef void lt(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] < b[i]


cdef void le(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] <= b[i]


cdef void gt(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] > b[i]


cdef void ge(number* a, number* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] >= b[i]


cdef void select(
        uint8_t* condition, number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] if condition[i] else b[i]


cdef void fill(int slot, number* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    table[<int> EQ][slot] = <loop_t> eq[number]
    table[<int> NE][slot] = <loop_t> ne[number]
    table[<int> LT][slot] = <loop_t> lt[number]
    table[<int> LE][slot] = <loop_t> le[number]
    table[<int> GT][slot] = <loop_t> gt[number]
    table[<int> GE][slot] = <loop_t> ge[number]
    select_table[slot] = <loop_t> select[number]


fill(BOOL, <uint8_t*> NULL)
fill(UINT8, <uint8_t*> NULL)
fill(INT32, <int32_t*> NULL)
fill(INT64, <int64_t*> NULL)
fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)


cdef loop_t comparison_loop(int op, int slot) noexcept:
    """The loop of a Binary comparison for a dtype, NULL if op does not compare."""
    return table[op][slot]


cdef loop_t where_loop(int slot) noexcept:
    """The loop that chooses between two values of a dtype."""
    return select_table[slot]
