"""The processor's peak: multiply-adds that wait for nothing, for the benchmark to compare with."""

from time import perf_counter

from plugrad.kernels.matmul.panels cimport element, vfloat

cdef enum:
    CHAINS = 12      # sums at once: a multiply-add takes 4 or 5 cycles, and two start in each
    MOST = 16        # elements of a vector, at most


cdef float result    # not a local variable: a compiler would work it out when the clock has stopped


cdef void multiply_add(Py_ssize_t times, Py_ssize_t first) noexcept nogil:
    """x <- x * h + h for every element of CHAINS vectors in registers; with h = 1/2, x nears 1.
    They begin with different numbers: a compiler does the same work only once."""
    cdef float halves[MOST]
    cdef vfloat x[CHAINS]
    cdef vfloat h
    global result
    cdef Py_ssize_t _, i, j
    for i in range(MOST):
        halves[i] = 0.5
    h = (<vfloat*> halves)[0]
    for j in range(CHAINS):
        x[j] = h * <float> (first + j)
    for _ in range(times):
        for j in range(CHAINS):
            x[j] = x[j] * h + h
    result = 0
    for j in range(CHAINS):
        result += element(<const vfloat*> &x[j], 0)


def gflops(Py_ssize_t rounds=200, Py_ssize_t times=200_000):
    """10^9 float32 operations a second on one core, a multiply-add being two: the best round."""
    cdef double best = 1e9
    cdef Py_ssize_t i
    for i in range(rounds):
        start = perf_counter()
        with nogil:
            multiply_add(times, i)
        best = min(best, perf_counter() - start)
        assert abs(result - CHAINS) < 1e-3      # each x has come near to 1
    return 2e-9 * times * CHAINS * (sizeof(vfloat) // sizeof(float)) / best
