"""Loops of arithmetic between one number and n elements, as they occur wherever an operand is
broadcast along rows: the number need not be repeated first."""

from plugrad.kernels.elementwise.door cimport ADD, DIV, MUL, SUB, XOR
from plugrad.kernels.strides.mapping cimport loop_t
from plugrad.kernels.base.typenums cimport FLOAT32, FLOAT64, SLOTS, real

cdef loop_t table[XOR + 1][SLOTS][2]


cdef void add(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = b[0]
    for i in range(n):
        out[i] = a[i] + number


cdef void sum_with(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    add(b, a, out, n)


cdef void sub(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = b[0]
    for i in range(n):
        out[i] = a[i] - number


cdef void sub_from(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = a[0]
    for i in range(n):
        out[i] = number - b[i]


cdef void mul(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = b[0]
    for i in range(n):
        out[i] = a[i] * number


cdef void product_with(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    mul(b, a, out, n)


cdef void div(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = b[0]
    for i in range(n):
        out[i] = a[i] / number


cdef void div_into(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real number = a[0]
    for i in range(n):
        out[i] = number / b[i]


cdef void fill(int slot, real* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    table[<int> ADD][slot][0] = <loop_t> sum_with[real]
    table[<int> ADD][slot][1] = <loop_t> add[real]
    table[<int> SUB][slot][0] = <loop_t> sub_from[real]
    table[<int> SUB][slot][1] = <loop_t> sub[real]
    table[<int> MUL][slot][0] = <loop_t> product_with[real]
    table[<int> MUL][slot][1] = <loop_t> mul[real]
    table[<int> DIV][slot][0] = <loop_t> div_into[real]
    table[<int> DIV][slot][1] = <loop_t> div[real]


fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)


cdef loop_t scalar_loop(int op, int slot, int which) noexcept:
    """The loop of a Binary operation whose operand `which` (0 or 1) is one number, NULL where there
    is none."""
    return table[op][slot][which]
