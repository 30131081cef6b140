"""exp, sigmoid and tanh of float32, in plain arithmetic that the compiler vectorizes.

The C library's functions take one number at a time, and activations spend most of their time there.
The polynomials are fits of the least greatest relative error (3.5e-9 for exp, 1e-9 for tanh).
Constants are cast: a bare 1.0 is a double in C, and so would be a sum with it."""

from libc.stdint cimport int32_t
from libc.string cimport memcpy

cdef extern from "<math.h>" nogil:
    float fabsf(float)


cdef inline float power_of_two(int32_t k) noexcept nogil:
    """2 ** k for -127 < k < 128: nothing but the exponent's bits."""
    cdef int32_t bits = (k + 127) << 23
    cdef float result
    memcpy(&result, &bits, 4)
    return result


cdef inline float exp_point(float x) noexcept nogil:
    """exp(x) = 2**k * exp(r), |r| <= log(2) / 2, within 1 unit in the last place."""
    cdef float y, k, r, p
    cdef int32_t i, half
    y = 89 if x > 89 else x                         # infinite from here; NaN passes through
    y = -104 if y < -104 else y                     # and zero from here
    k = (y * <float> 1.44269504 + <float> 12582912) - <float> 12582912     # nearest whole number
    r = (y - k * <float> 0.693359375) - k * <float> -2.12194440e-4         # log(2) in two parts
    p = <float> 0.0013811662 * r + <float> 0.008370135
    p = p * r + <float> 0.041668527
    p = p * r + <float> 0.16666509
    p = p * r + <float> 0.49999994
    p = (p * r * r + r) + <float> 1
    i = <int32_t> k
    half = i >> 1                                   # in two steps: 2**k alone may not be a float32
    return p * power_of_two(half) * power_of_two(i - half)


cdef void exp_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = exp_point(a[i])


cdef void sigmoid_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float z, one = 1
    for i in range(n):      # the exponent is never positive: nothing overflows
        z = exp_point(-fabsf(a[i]))
        out[i] = (z if a[i] < 0 else one) / (one + z)


cdef void tanh_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float x, z, p, near, far, one = 1
    for i in range(n):
        x = fabsf(a[i])
        z = exp_point(-(x + x))
        far = (one - z) / (one + z)
        z = x * x
        p = <float> -0.006274239 * z + <float> 0.021071678
        p = p * z + <float> -0.05385231
        p = p * z + <float> 0.13332586
        p = p * z + <float> -0.33333316
        near = p * z * x + x                        # where one - z would lose digits
        near = near if x < <float> 0.55 else far
        out[i] = -near if a[i] < 0 else near
