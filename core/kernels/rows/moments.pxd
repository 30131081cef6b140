# Sums, means and variances of runs of numbers, inline, for normalization.  Sums run in LANES
# accumulators, which the compiler keeps in vectors, and CHUNK by CHUNK, so that they stay exact in
# long runs.

from plugrad.kernels.base.typenums cimport real

cdef enum:
    LANES = 32          # independent sums, for the compiler to keep in vectors
    CHUNK = 4096        # numbers that are read twice while they are in the first cache


cdef inline double total(const real* lane) noexcept nogil:
    """The sum of all lanes."""
    cdef real part[8]
    cdef Py_ssize_t j
    for j in range(8):
        part[j] = (lane[j] + lane[j + 8]) + (lane[j + 16] + lane[j + 24])
    return <double> (((part[0] + part[4]) + (part[2] + part[6]))
                     + ((part[1] + part[5]) + (part[3] + part[7])))


cdef inline void clear(real* lane) noexcept nogil:
    """lane = 0, in a loop: a call of memset for so few takes longer."""
    cdef Py_ssize_t j
    for j in range(LANES):
        lane[j] = 0


cdef inline void add_sum(const real* x, Py_ssize_t n, real* lane) noexcept nogil:
    """lane += x"""
    cdef real a[LANES]
    cdef Py_ssize_t i, j
    for j in range(LANES):
        a[j] = lane[j]
    for i in range(n // LANES):
        for j in range(LANES):
            a[j] += x[i * LANES + j]
    for j in range(LANES):
        lane[j] = a[j]
    for j in range(n % LANES):
        lane[j] += x[n - n % LANES + j]


cdef inline void add_moments(const real* x, Py_ssize_t n, real shift, real* first,
                             real* second) noexcept nogil:
    """first += x - shift;  second += (x - shift)**2"""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef real d
    cdef Py_ssize_t i, j
    for j in range(LANES):
        a[j] = first[j]
        b[j] = second[j]
    for i in range(n // LANES):
        for j in range(LANES):
            d = x[i * LANES + j] - shift
            a[j] += d
            b[j] += d * d
    for j in range(LANES):
        first[j] = a[j]
        second[j] = b[j]
    for j in range(n % LANES):
        d = x[n - n % LANES + j] - shift
        first[j] += d
        second[j] += d * d


cdef inline void add_products(const real* g, const real* x, Py_ssize_t n, real shift, real* first,
                              real* second) noexcept nogil:
    """first += g;  second += g * (x - shift)"""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef real h
    cdef Py_ssize_t i, j
    for j in range(LANES):
        a[j] = first[j]
        b[j] = second[j]
    for i in range(n // LANES):
        for j in range(LANES):
            h = g[i * LANES + j]
            a[j] += h
            b[j] += h * (x[i * LANES + j] - shift)
    for j in range(LANES):
        first[j] = a[j]
        second[j] = b[j]
    for j in range(n % LANES):
        h = g[n - n % LANES + j]
        first[j] += h
        second[j] += h * (x[n - n % LANES + j] - shift)


cdef inline void statistics(const real* x, Py_ssize_t N, Py_ssize_t step, Py_ssize_t L,
                            double* mean, double* var) noexcept nogil:
    """Mean and variance of N runs of L numbers, chunk by chunk  (Chan, Golub & LeVeque, 1983).

    Within a chunk, in two passes: sums of squares are those of deviations from a mean that need
    only be near, and the sum of the deviations says how near it was."""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef Py_ssize_t n, at, i, runs, length, size, seen = 0, most = max(1, CHUNK // L)
    cdef double m = 0, squares = 0, s, delta
    cdef real near
    for n from 0 <= n < N by most:
        runs = min(most, N - n)
        for at from 0 <= at < L by CHUNK:
            length = min(<Py_ssize_t> CHUNK, L - at)
            size = runs * length
            clear(a)
            for i in range(n, n + runs):
                add_sum(x + i * step + at, length, a)
            near = <real> (total(a) / size)
            clear(a)
            clear(b)
            for i in range(n, n + runs):
                add_moments(x + i * step + at, length, near, a, b)
            s = total(a)
            delta = near + s / size - m
            seen += size
            m += delta * size / seen
            squares += total(b) - s * s / size
            squares += delta * delta * (<double> (seen - size) * size / seen)
    mean[0] = m
    var[0] = squares / seen if squares > 0 or squares != squares else 0


cdef inline void row_statistics(const real* x, Py_ssize_t n, double* mean,
                                double* var) noexcept nogil:
    """The same for one run of at most CHUNK numbers."""
    cdef real a[LANES]
    cdef real b[LANES]
    cdef double part = 1.0 / n, s, near
    cdef real shift
    clear(a)
    add_sum(x, n, a)
    near = shift = <real> (total(a) * part)
    clear(a)
    clear(b)
    add_moments(x, n, shift, a, b)
    s = total(a) * part
    mean[0] = near + s
    s = total(b) * part - s * s
    var[0] = s if s > 0 or s != s else 0
