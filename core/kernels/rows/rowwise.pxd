# What softmax and cross entropy do with one row of numbers, inline.  Sums run in LANES
# accumulators, which the compiler keeps in vectors, and CHUNK by CHUNK, so that they stay exact in
# long rows.

from libc.math cimport INFINITY, exp

from plugrad.kernels.elementwise.points cimport exp_point
from plugrad.kernels.base.typenums cimport real

cdef enum:
    LANES = 32
    CHUNK = 2048            # elements that stay in the first-level cache


cdef inline real largest(real* x, Py_ssize_t n) noexcept nogil:
    """The largest, but for NaN, which counts as nothing here."""
    cdef real lane[LANES]
    cdef real top = <real> -INFINITY
    cdef Py_ssize_t i = 0, j
    if n >= LANES:
        for j in range(LANES):
            lane[j] = x[j]
        i = LANES
        while i + LANES <= n:
            for j in range(LANES):
                lane[j] = x[i + j] if x[i + j] > lane[j] else lane[j]
            i += LANES
        for j in range(LANES):
            top = lane[j] if lane[j] > top else top
    for j in range(i, n):
        top = x[j] if x[j] > top else top
    return top


cdef inline double total(real* x, Py_ssize_t n) noexcept nogil:
    """The sum."""
    cdef real lane[LANES]
    cdef double sum = 0
    cdef Py_ssize_t i = 0, j, past
    while i + LANES <= n:
        past = min(n, i + CHUNK)
        for j in range(LANES):
            lane[j] = 0
        while i + LANES <= past:
            for j in range(LANES):
                lane[j] += x[i + j]
            i += LANES
        for j in range(LANES):
            sum += lane[j]
    for j in range(i, n):
        sum += x[j]
    return sum


cdef inline double dot(real* a, real* b, Py_ssize_t n) noexcept nogil:
    """The sum of a * b."""
    cdef real lane[LANES]
    cdef double sum = 0
    cdef Py_ssize_t i = 0, j, past
    while i + LANES <= n:
        past = min(n, i + CHUNK)
        for j in range(LANES):
            lane[j] = 0
        while i + LANES <= past:
            for j in range(LANES):
                lane[j] += a[i + j] * b[i + j]
            i += LANES
        for j in range(LANES):
            sum += lane[j]
    for j in range(i, n):
        sum += a[j] * b[j]
    return sum


cdef inline void less(real* x, real* y, real b, Py_ssize_t n) noexcept nogil:
    """y = x - b"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] = x[i] - b


cdef inline void times(real* y, real b, Py_ssize_t n) noexcept nogil:
    """y = y * b; for b = 1 / sum, rounded once, as exact as y / sum with a rounded sum."""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] = y[i] * b


cdef inline void exps(real* x, real* y, Py_ssize_t n) noexcept nogil:
    """y = exp(x)"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] = <real> (exp_point(x[i]) if real is float else exp(x[i]))


cdef inline Py_ssize_t tile_of(Py_ssize_t n) noexcept nogil:
    """How many rows of length n are worked on together: exp runs over all of them at once."""
    return max(<Py_ssize_t> 1, CHUNK / max(n, <Py_ssize_t> 1))
