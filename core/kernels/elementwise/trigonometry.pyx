"""Loops of the trigonometric and hyperbolic functions and of their inverses."""

from libc.math cimport (
    acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan, tanh,
)

from plugrad.kernels.elementwise.door cimport (
    ACOS, ACOSH, ASIN, ASINH, ATAN, ATANH, COS, COSH, RELU, SIN, SINH, TAN, TANH,
)
from plugrad.kernels.elementwise.exponential cimport tanh_float
from plugrad.kernels.strides.mapping cimport loop_t
from plugrad.kernels.base.typenums cimport FLOAT32, FLOAT64, SLOTS, real

cdef extern from "<math.h>" nogil:
    float acosf(float)
    float acoshf(float)
    float asinf(float)
    float asinhf(float)
    float atanf(float)
    float atanhf(float)
    float cosf(float)
    float coshf(float)
    float sinf(float)
    float sinhf(float)
    float tanf(float)
    float tanhf(float)

cdef loop_t table[RELU + 1][SLOTS]


cdef void sin_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (sinf(a[i]) if real is float else sin(a[i]))


cdef void cos_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (cosf(a[i]) if real is float else cos(a[i]))


cdef void tan_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (tanf(a[i]) if real is float else tan(a[i]))


cdef void asin_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (asinf(a[i]) if real is float else asin(a[i]))


cdef void acos_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (acosf(a[i]) if real is float else acos(a[i]))


cdef void atan_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (atanf(a[i]) if real is float else atan(a[i]))


cdef void sinh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (sinhf(a[i]) if real is float else sinh(a[i]))


cdef void cosh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (coshf(a[i]) if real is float else cosh(a[i]))


cdef void tanh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (tanhf(a[i]) if real is float else tanh(a[i]))


cdef void asinh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (asinhf(a[i]) if real is float else asinh(a[i]))


cdef void acosh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (acoshf(a[i]) if real is float else acosh(a[i]))


cdef void atanh_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (atanhf(a[i]) if real is float else atanh(a[i]))


cdef void fill(int slot, real* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    table[<int> SIN][slot] = <loop_t> sin_[real]
    table[<int> COS][slot] = <loop_t> cos_[real]
    table[<int> TAN][slot] = <loop_t> tan_[real]
    table[<int> ASIN][slot] = <loop_t> asin_[real]
    table[<int> ACOS][slot] = <loop_t> acos_[real]
    table[<int> ATAN][slot] = <loop_t> atan_[real]
    table[<int> SINH][slot] = <loop_t> sinh_[real]
    table[<int> COSH][slot] = <loop_t> cosh_[real]
    table[<int> TANH][slot] = <loop_t> tanh_[real]
    table[<int> ASINH][slot] = <loop_t> asinh_[real]
    table[<int> ACOSH][slot] = <loop_t> acosh_[real]
    table[<int> ATANH][slot] = <loop_t> atanh_[real]


fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)
table[<int> TANH][<int> FLOAT32] = <loop_t> tanh_float


cdef loop_t trigonometry_loop(int op, int slot) noexcept:
    """The loop of a Unary operation of this file for a dtype, NULL where there is none."""
    return table[op][slot]
