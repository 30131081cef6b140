"""exp, log, sigmoid, tanh and erf of float32, in plain arithmetic that the compiler vectorizes.

The C library's functions take one number at a time, and activations spend most of their time there.
The polynomials are fits of the least greatest relative error (3.5e-9 for exp, 1e-9 for tanh, 6e-9
for log, 2e-8 for erf near zero and 2e-9 beyond).
Constants are cast: a bare 1.0 is a double in C, and so would be a sum with it."""

from plugrad.kernels.elementwise.points cimport (
    erf_point, exp_point, log1p_point, log_point, sigmoid_point, tanh_point,
)


cdef void exp_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = exp_point(a[i])


cdef void sigmoid_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = sigmoid_point(a[i])


cdef void tanh_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = tanh_point(a[i])


cdef void log_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = log_point(a[i])


cdef void log1p_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = log1p_point(a[i])


cdef void erf_float(float* a, float* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = erf_point(a[i])
