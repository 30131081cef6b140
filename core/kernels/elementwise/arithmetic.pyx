"""Loops of the binary operations whose result has the dtype of their operands."""

from libc.math cimport atan2, ceil, copysign, exp, fabs, fmod, hypot, log1p, pow

from plugrad.kernels.elementwise.door cimport (
    ADD, AND, ATAN2, DIV, FLOOR_DIV, FMOD, GCD, HYPOT, LOGADDEXP, MAXIMUM, MINIMUM, MUL, OR, POW,
    REMAINDER, SUB, XOR,
)
from plugrad.kernels.strides.mapping cimport loop_t
from plugrad.kernels.base.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, SLOTS, UINT8, int32_t, int64_t, integer, is_nan, number,
    real, uint8_t,
)

cdef extern from "<math.h>" nogil:
    float atan2f(float, float)
    float expf(float)
    float fabsf(float)
    float fmodf(float, float)
    float hypotf(float, float)
    float log1pf(float)
    float powf(float, float)

cdef loop_t table[XOR + 1][SLOTS]


cdef void add(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] + b[i]


cdef void sub(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] - b[i]


cdef void mul(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] * b[i]


cdef void div(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] / b[i]


cdef void maximum(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # NaN wins
        out[i] = a[i] if (a[i] >= b[i]) | is_nan(a[i]) else b[i]


cdef void minimum(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] if (a[i] <= b[i]) | is_nan(a[i]) else b[i]


# Division rounds down and the remainder has the sign of the divisor: a == (a // b) * b + a % b.
# A zero divisor never reaches integer loops through the door; they give 0 for it, and avoid
# INT_MIN / -1, because both would stop the process if another thread changed b meanwhile.

cdef inline real real_fmod(real a, real b) noexcept nogil:
    return <real> (fmodf(a, b) if real is float else fmod(a, b))


cdef inline real modulo(real a, real b) noexcept nogil:
    cdef real r = real_fmod(a, b)
    return r + b if r != 0 and (r < 0) != (b < 0) else r


cdef inline real floored(real a, real b) noexcept nogil:
    cdef real r = real_fmod(a, b)
    cdef real q = (a - r) / b           # a whole number but for its rounding error
    if b == 0:
        return a / b
    if r != 0 and (r < 0) != (b < 0):
        q -= 1
    return <real> (ceil(q - 0.5) if q != 0 else copysign(0.0, a / b))


cdef inline integer int_floored(integer a, integer b) noexcept nogil:
    if b == 0:
        return 0
    if integer is uint8_t:
        return a / b
    else:
        if b == -1:
            return -a
        return a / b - (a % b != 0 and (a < 0) != (b < 0))


cdef inline integer int_fmod(integer a, integer b) noexcept nogil:
    if integer is uint8_t:
        return a % b if b != 0 else 0
    else:
        return a % b if b != 0 and b != -1 else 0


cdef inline integer int_modulo(integer a, integer b) noexcept nogil:
    cdef integer r = int_fmod(a, b)
    return r + b if r != 0 and (r < 0) != (b < 0) else r


cdef void floor_div(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if number is float or number is double:
            out[i] = floored(a[i], b[i])
        else:
            out[i] = int_floored(a[i], b[i])


cdef void remainder(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if number is float or number is double:
            out[i] = modulo(a[i], b[i])
        else:
            out[i] = int_modulo(a[i], b[i])


cdef void fmod_(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # it has the sign of a
        if number is float or number is double:
            out[i] = real_fmod(a[i], b[i])
        else:
            out[i] = int_fmod(a[i], b[i])


cdef inline integer int_power(integer a, integer b) noexcept nogil:
    """a ** b by repeated squaring; b is not negative."""
    cdef integer result = 1
    while b > 0:
        if b & 1:
            result *= a
        a *= a
        b >>= 1
    return result


cdef inline real real_power(real a, real b) noexcept nogil:
    # exponents of everyday formulas, much faster and not less exact than the library's pow
    if b == 2:
        return a * a
    if b == 3:
        return a * a * a
    if b == -1:
        return <real> 1 / a
    return <real> (powf(a, b) if real is float else pow(a, b))


cdef inline bint all_are(real* b, real value, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef int same = 1
    for i in range(n):
        same &= b[i] == value
    return same


cdef void power(number* a, number* b, number* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if number is float or number is double:
        if all_are(b, 2, n):            # the same numbers as below, but vectorized
            mul(a, a, out, n)
        else:
            for i in range(n):
                out[i] = real_power(a[i], b[i])
    else:
        for i in range(n):
            out[i] = int_power(a[i], b[i])


cdef void arctan2(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (atan2f(a[i], b[i]) if real is float else atan2(a[i], b[i]))


cdef void hypot_(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> (hypotf(a[i], b[i]) if real is float else hypot(a[i], b[i]))


cdef void logaddexp(real* a, real* b, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real apart, rest
    for i in range(n):
        apart = <real> (fabsf(a[i] - b[i]) if real is float else fabs(a[i] - b[i]))
        rest = <real> (log1pf(expf(-apart)) if real is float else log1p(exp(-apart)))
        # NaN apart: both are the same infinity, or one is NaN itself
        out[i] = (a[i] if a[i] > b[i] else b[i]) + rest if apart == apart else a[i] + b[i]


cdef inline integer int_gcd(integer a, integer b) noexcept nogil:
    while b != 0:
        a, b = b, int_fmod(a, b)
    return -a if a < 0 else a


cdef void gcd(integer* a, integer* b, integer* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = int_gcd(a[i], b[i])


cdef void bit_and(integer* a, integer* b, integer* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] & b[i]


cdef void bit_or(integer* a, integer* b, integer* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] | b[i]


cdef void bit_xor(integer* a, integer* b, integer* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = a[i] ^ b[i]


cdef void both(uint8_t* a, uint8_t* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = (a[i] != 0) & (b[i] != 0)


cdef void either(uint8_t* a, uint8_t* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = (a[i] != 0) | (b[i] != 0)


cdef void one_of(uint8_t* a, uint8_t* b, uint8_t* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = (a[i] != 0) ^ (b[i] != 0)


cdef void fill(int slot, number* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    table[<int> ADD][slot] = <loop_t> add[number]
    table[<int> SUB][slot] = <loop_t> sub[number]
    table[<int> MUL][slot] = <loop_t> mul[number]
    table[<int> MAXIMUM][slot] = <loop_t> maximum[number]
    table[<int> MINIMUM][slot] = <loop_t> minimum[number]
    table[<int> FLOOR_DIV][slot] = <loop_t> floor_div[number]
    table[<int> REMAINDER][slot] = <loop_t> remainder[number]
    table[<int> FMOD][slot] = <loop_t> fmod_[number]
    table[<int> POW][slot] = <loop_t> power[number]
    if number is float or number is double:
        table[<int> DIV][slot] = <loop_t> div[number]
        table[<int> ATAN2][slot] = <loop_t> arctan2[number]
        table[<int> HYPOT][slot] = <loop_t> hypot_[number]
        table[<int> LOGADDEXP][slot] = <loop_t> logaddexp[number]
    else:
        table[<int> GCD][slot] = <loop_t> gcd[number]
        table[<int> AND][slot] = <loop_t> bit_and[number]
        table[<int> OR][slot] = <loop_t> bit_or[number]
        table[<int> XOR][slot] = <loop_t> bit_xor[number]


fill(UINT8, <uint8_t*> NULL)
fill(INT32, <int32_t*> NULL)
fill(INT64, <int64_t*> NULL)
fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)
table[<int> ADD][<int> BOOL] = table[<int> OR][<int> BOOL] = <loop_t> either
table[<int> MAXIMUM][<int> BOOL] = <loop_t> either
table[<int> MUL][<int> BOOL] = table[<int> AND][<int> BOOL] = <loop_t> both
table[<int> MINIMUM][<int> BOOL] = <loop_t> both
table[<int> XOR][<int> BOOL] = <loop_t> one_of


cdef loop_t arithmetic_loop(int op, int slot) noexcept:
    """The loop of a Binary operation for a dtype, NULL where there is none."""
    return table[op][slot]
