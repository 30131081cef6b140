# exp, sigmoid, tanh, log and erf of one float32, in plain arithmetic that the compiler vectorizes:
# inline, for loops that do more than this with each number.  See exponential.pyx.

from libc.math cimport exp, fabs, tanh
from libc.stdint cimport int32_t
from libc.string cimport memcpy

from plugrad.kernels.base.typenums cimport real

cdef extern from "<math.h>" nogil:
    float copysignf(float, float)
    float fabsf(float)
    float INFINITY
    float NAN


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


cdef inline float sigmoid_point(float x) noexcept nogil:
    """1 / (1 + exp(-x)); the exponent is never positive: nothing overflows."""
    cdef float z = exp_point(-fabsf(x)), one = 1
    return (z if x < 0 else one) / (one + z)


cdef inline float tanh_point(float a) noexcept nogil:
    cdef float x, z, p, near, far, one = 1
    x = fabsf(a)
    z = exp_point(-(x + x))
    far = (one - z) / (one + z)
    z = x * x
    p = <float> -0.006274239 * z + <float> 0.021071678
    p = p * z + <float> -0.05385231
    p = p * z + <float> 0.13332586
    p = p * z + <float> -0.33333316
    near = p * z * x + x                            # where one - z would lose digits
    return copysignf(near if x < <float> 0.55 else far, a)


cdef inline float log_point(float x) noexcept nogil:
    """log(2**k * (1 + f)) = k * log(2) + log(1 + f), sqrt(1/2) <= 1 + f < sqrt(2)."""
    cdef float y, f, k, p
    cdef int32_t bits, exponent
    y = x * <float> 8388608 if x < <float> 1.17549435e-38 else x       # no subnormal numbers
    memcpy(&bits, &y, 4)
    bits -= 0x3f3504f3                              # sqrt(1/2): its mantissa counts from there
    exponent = bits >> 23
    bits = (bits & 0x7fffff) + 0x3f3504f3
    memcpy(&f, &bits, 4)
    f -= <float> 1
    k = <float> exponent - (<float> 23 if x < <float> 1.17549435e-38 else <float> 0)
    p = <float> -0.07634437829256058 * f + <float> 0.12761563062667847
    p = p * f + <float> -0.1316019743680954
    p = p * f + <float> 0.14201760292053223
    p = p * f + <float> -0.16623355448246002
    p = p * f + <float> 0.20001226663589478
    p = p * f + <float> -0.250008225440979
    p = p * f + <float> 0.3333333134651184
    p = p * f * f * f + k * <float> -2.12194440e-4     # log(2) in two parts, small ones first
    p = (p - <float> 0.5 * f * f) + f
    p = k * <float> 0.693359375 + p
    p = p if x <= <float> 3.4028235e38 else x       # infinity and NaN stay
    p = -INFINITY if x == 0 else p
    return NAN if x < 0 else p


cdef inline float log1p_point(float x) noexcept nogil:
    """log(u) at u = 1 + x rounded, and what the rounding lost (Goldberg, 1991)."""
    cdef float u, lost, one = 1
    u = one + x
    lost = (x - (u - one)) / u
    lost = lost if fabsf(lost) < 1 else <float> 0   # it is infinite or NaN at -1 and infinity
    return x if u == one else log_point(u) + lost


cdef inline float erf_point(float a) noexcept nogil:
    cdef float x, z, near, far, one = 1
    x = fabsf(a)
    z = x * x
    near = <float> -0.0005953878862783313 * z + <float> 0.004985973704606295
    near = near * z + <float> -0.026761749759316444
    near = near * z + <float> 0.11281683295965195
    near = near * z + <float> -0.3761247992515564
    near = (near * z + <float> 0.1283791065216064) * x + x
    z = <float> 4 if x > 4 else x               # 1 from here on
    far = <float> 0.00019708607578650117 * z + <float> -0.003054454457014799
    far = far * z + <float> 0.02227157913148403
    far = far * z + <float> -0.10402394086122513
    far = far * z + <float> -0.6370773911476135
    far = far * z + <float> -1.1277376413345337
    far = one - exp_point(far * z + <float> -0.00018071429803967476)
    near = near if x < <float> 0.92 else far
    return copysignf(near if x == x else x, a)


cdef inline float normal_point(float x) noexcept nogil:
    """The probability that a standard normal number is below x: exp(-x² / 2) times a polynomial in
    1 / (1 + 0.26 |x|), with relative error 2.5e-8 up to |x| = 14, where exp(-x² / 2) is 0."""
    cdef float t, q, one = 1
    t = one / (one + <float> 0.26 * fabsf(x))
    q = <float> 0.0305048474 * t + <float> -0.152828668
    q = q * t + <float> 0.251491016
    q = q * t + <float> -0.150948704
    q = q * t + <float> 0.160947709
    q = q * t + <float> 0.0510277326
    q = q * t + <float> 0.103030243
    q = q * t + <float> 0.103016752
    q = q * t + <float> 0.10375906
    q = q * t * exp_point(<float> -0.5 * x * x)
    return q if x < 0 else one - q


# The same for either dtype.
cdef inline real sigmoid_of(real x) noexcept nogil:
    cdef double z
    if real is float:
        return sigmoid_point(x)
    else:
        z = exp(-fabs(x))
        return (z if x < 0 else 1) / (1 + z)


cdef inline real tanh_of(real x) noexcept nogil:
    return <real> (tanh_point(x) if real is float else tanh(x))
