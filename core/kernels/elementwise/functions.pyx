"""Loops of the unary operations other than those of trigonometry."""

from libc.math cimport (
    INFINITY, ceil, copysign, erf, erfc, exp, exp2, expm1, floor, lgamma, log, log1p, log2, log10,
    rint, sqrt, trunc,
)
from libc.string cimport memmove

from plugrad.kernels.elementwise.door cimport (
    ABS, CEIL, ERF, ERFC, ERFINV, EXP, EXP2, EXPM1, FLOOR, LGAMMA, LOG, LOG1P, LOG2, LOG10, NEG,
    RECIPROCAL, RELU, ROUND, RSQRT, SIGMOID, SIGN, SQRT, SQUARE, TRUNC,
)
from plugrad.kernels.elementwise.exponential cimport (
    erf_float, exp_float, log1p_float, log_float, sigmoid_float,
)
from plugrad.kernels.strides.mapping cimport loop_t
from plugrad.kernels.base.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, SLOTS, UINT8, int32_t, int64_t, integer, number, real,
    uint8_t,
)

cdef extern from "<math.h>" nogil:
    float ceilf(float)
    float erfcf(float)
    float erff(float)
    float exp2f(float)
    float expf(float)
    float expm1f(float)
    float fabsf(float)
    float floorf(float)
    float lgammaf(float)
    float log10f(float)
    float log1pf(float)
    float log2f(float)
    float logf(float)
    float rintf(float)
    float sqrtf(float)
    float truncf(float)
    double fabs(double)

cdef loop_t table[RELU + 1][SLOTS]


cdef void neg(number* a, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = -a[i]


cdef void absolute(number* a, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if number is float:
            out[i] = fabsf(a[i])
        elif number is double:
            out[i] = fabs(a[i])
        else:
            out[i] = -a[i] if a[i] < 0 else a[i]


cdef void sign(number* a, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # 0 for NaN
        out[i] = <number> ((a[i] > 0) - (a[i] < 0))


cdef void square(number* a, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] * a[i]


cdef void relu(number* a, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # this way round NaN stays
        out[i] = 0 if a[i] < 0 else a[i]


cdef void copy(integer* a, integer* out, Py_ssize_t n) noexcept nogil:
    memmove(out, a, n * sizeof(integer))


cdef void reciprocal(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> 1 / a[i]


cdef void rsqrt(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> 1 / <real> (sqrtf(a[i]) if real is float else sqrt(a[i]))


cdef void sigmoid(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real z
    for i in range(n):      # the exponent is never positive: nothing overflows
        z = <real> (expf(-fabsf(a[i])) if real is float else exp(-fabs(a[i])))
        out[i] = (z if a[i] < 0 else <real> 1) / (<real> 1 + z)


cdef void exp_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (expf(a[i]) if real is float else exp(a[i]))


cdef void exp2_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (exp2f(a[i]) if real is float else exp2(a[i]))


cdef void expm1_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (expm1f(a[i]) if real is float else expm1(a[i]))


cdef void log_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (logf(a[i]) if real is float else log(a[i]))


cdef void log1p_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (log1pf(a[i]) if real is float else log1p(a[i]))


cdef void log2_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (log2f(a[i]) if real is float else log2(a[i]))


cdef void erf_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (erff(a[i]) if real is float else erf(a[i]))


cdef void log10_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (log10f(a[i]) if real is float else log10(a[i]))


cdef void erfc_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (erfcf(a[i]) if real is float else erfc(a[i]))


cdef inline double erfinv(double x) noexcept nogil:
    """The y with erf(y) = x: a guess (Winitzki, 2008), then steps of Halley's method."""
    cdef double size = fabs(x), logarithm = log1p(-x * x)
    cdef double half = 4.33 + logarithm / 2, rest = -logarithm / 0.147
    cdef double step, y = sqrt(rest / (half + sqrt(half * half + rest)))
    if size == 1:
        return copysign(INFINITY, x)
    for _ in range(3):      # far out, 1 - erf has no digits left, and erfc has all
        step = erf(y) - size if size < 0.5 else 1 - size - erfc(y)
        step /= 1.1283791670955126 * exp(-y * y)
        y -= step / (1 + y * step)
    return copysign(y, x)


cdef void erfinv_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> erfinv(a[i])


cdef void lgamma_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (lgammaf(a[i]) if real is float else lgamma(a[i]))


cdef void square_root(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (sqrtf(a[i]) if real is float else sqrt(a[i]))


cdef void floor_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (floorf(a[i]) if real is float else floor(a[i]))


cdef void ceil_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (ceilf(a[i]) if real is float else ceil(a[i]))


cdef void round_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (rintf(a[i]) if real is float else rint(a[i]))


cdef void trunc_(real* a, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (truncf(a[i]) if real is float else trunc(a[i]))


cdef void fill(int slot, number* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    table[<int> NEG][slot] = <loop_t> neg[number]
    table[<int> ABS][slot] = <loop_t> absolute[number]
    table[<int> SIGN][slot] = <loop_t> sign[number]
    table[<int> SQUARE][slot] = <loop_t> square[number]
    table[<int> RELU][slot] = <loop_t> relu[number]
    if number is float or number is double:
        table[<int> RECIPROCAL][slot] = <loop_t> reciprocal[number]
        table[<int> RSQRT][slot] = <loop_t> rsqrt[number]
        table[<int> SIGMOID][slot] = <loop_t> sigmoid[number]
        table[<int> EXP][slot] = <loop_t> exp_[number]
        table[<int> EXP2][slot] = <loop_t> exp2_[number]
        table[<int> EXPM1][slot] = <loop_t> expm1_[number]
        table[<int> LOG][slot] = <loop_t> log_[number]
        table[<int> LOG1P][slot] = <loop_t> log1p_[number]
        table[<int> LOG2][slot] = <loop_t> log2_[number]
        table[<int> LOG10][slot] = <loop_t> log10_[number]
        table[<int> ERF][slot] = <loop_t> erf_[number]
        table[<int> ERFC][slot] = <loop_t> erfc_[number]
        table[<int> ERFINV][slot] = <loop_t> erfinv_[number]
        table[<int> LGAMMA][slot] = <loop_t> lgamma_[number]
        table[<int> SQRT][slot] = <loop_t> square_root[number]
        table[<int> FLOOR][slot] = <loop_t> floor_[number]
        table[<int> CEIL][slot] = <loop_t> ceil_[number]
        table[<int> ROUND][slot] = <loop_t> round_[number]
        table[<int> TRUNC][slot] = <loop_t> trunc_[number]
    else:
        table[<int> FLOOR][slot] = <loop_t> copy[number]
        table[<int> CEIL][slot] = <loop_t> copy[number]
        table[<int> ROUND][slot] = <loop_t> copy[number]
        table[<int> TRUNC][slot] = <loop_t> copy[number]


fill(UINT8, <uint8_t*> NULL)
fill(INT32, <int32_t*> NULL)
fill(INT64, <int64_t*> NULL)
fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)
table[<int> SIGN][<int> BOOL] = <loop_t> copy[uint8_t]
table[<int> EXP][<int> FLOAT32] = <loop_t> exp_float
table[<int> SIGMOID][<int> FLOAT32] = <loop_t> sigmoid_float
table[<int> LOG][<int> FLOAT32] = <loop_t> log_float
table[<int> LOG1P][<int> FLOAT32] = <loop_t> log1p_float
table[<int> ERF][<int> FLOAT32] = <loop_t> erf_float


cdef loop_t function_loop(int op, int slot) noexcept:
    """The loop of any other Unary operation for a dtype, NULL where there is none."""
    return table[op][slot]
