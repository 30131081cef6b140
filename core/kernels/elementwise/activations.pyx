"""Loops of activations that are more than one function of a number, and of the gradients of all:
each in one pass.

Gradients take g first, then what the activation saved: its result y, or its input x."""

cimport numpy as cnp
from libc.math cimport M_2_SQRTPI, M_SQRT1_2, erfc, exp, fabs, log1p

from plugrad.kernels.strides.mapping cimport loop_t, map_strided
from plugrad.kernels.elementwise.points cimport (
    exp_point, fabsf, log1p_point, normal_point, sigmoid_of, tanh_of,
)
from plugrad.kernels.base.typenums cimport FLOAT32, FLOAT64, SLOTS, real, slot

cnp.import_array()

cdef loop_t table[LOG_SIGMOID + 1][SLOTS]
cdef loop_t grad_table[LOG_SIGMOID_GRAD + 1][SLOTS]
cdef loop_t leaky_relu_loop[SLOTS]
cdef loop_t leaky_relu_grad_loop[SLOTS]


# ----------------------------------------------------------------------------- points, either dtype

cdef inline real normal(real x) noexcept nogil:
    """The probability that a standard normal number is below x."""
    return <real> (normal_point(x) if real is float else 0.5 * erfc(-x * M_SQRT1_2))


cdef inline real density(real x) noexcept nogil:
    """Of a standard normal number."""
    cdef real z = <real> -0.5 * x * x
    return <real> (M_2_SQRTPI * M_SQRT1_2 * 0.5) * <real> (
        exp_point(z) if real is float else exp(z))


cdef inline real bent(real x) noexcept nogil:
    """The argument of tanh in GELU's second form."""
    return <real> (M_2_SQRTPI * M_SQRT1_2) * (x + <real> 0.044715 * x * x * x)


# -------------------------------------------------------------------------------------- activations

cdef void gelu(real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = x[i] * normal(x[i])


cdef void gelu_tanh(real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real> 0.5 * x[i] * (<real> 1 + tanh_of(bent(x[i])))


cdef void log_sigmoid(real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # the exponent is never positive: nothing overflows
        if real is float:
            out[i] = (x[i] if x[i] < 0 else 0) - log1p_point(exp_point(-fabsf(x[i])))
        else:
            out[i] = (x[i] if x[i] < 0 else 0) - log1p(exp(-fabs(x[i])))


cdef void leaky(real* x, real* slope, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = x[i] if x[i] > 0 else x[i] * slope[i]


# ---------------------------------------------------------------------------------------- gradients

cdef void tanh_grad(real* g, real* y, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = g[i] * (<real> 1 - y[i] * y[i])


cdef void sigmoid_grad(real* g, real* y, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = g[i] * (y[i] * (<real> 1 - y[i]))


cdef void relu_grad(real* g, real* y, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):      # this way round NaN passes its gradient on
        out[i] = 0 if y[i] <= 0 else g[i]


cdef void gelu_grad(real* g, real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = g[i] * (normal(x[i]) + x[i] * density(x[i]))


cdef void gelu_tanh_grad(real* g, real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real t, slope
    for i in range(n):
        t = tanh_of(bent(x[i]))
        slope = <real> (M_2_SQRTPI * M_SQRT1_2) * (<real> 1 + <real> 0.134145 * x[i] * x[i])
        out[i] = g[i] * <real> 0.5 * (<real> 1 + t + x[i] * (<real> 1 - t * t) * slope)


cdef void log_sigmoid_grad(real* g, real* x, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = g[i] * sigmoid_of(-x[i])


cdef void leaky_grad(real* g, real* x, real* slope, real* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = g[i] if x[i] > 0 else g[i] * slope[i]


cdef void fill(int s, real* kind) noexcept:
    """The column of the tables for one dtype; kind only names it."""
    table[<int> GELU][s] = <loop_t> gelu[real]
    table[<int> GELU_TANH][s] = <loop_t> gelu_tanh[real]
    table[<int> LOG_SIGMOID][s] = <loop_t> log_sigmoid[real]
    grad_table[<int> TANH_GRAD][s] = <loop_t> tanh_grad[real]
    grad_table[<int> SIGMOID_GRAD][s] = <loop_t> sigmoid_grad[real]
    grad_table[<int> RELU_GRAD][s] = <loop_t> relu_grad[real]
    grad_table[<int> GELU_GRAD][s] = <loop_t> gelu_grad[real]
    grad_table[<int> GELU_TANH_GRAD][s] = <loop_t> gelu_tanh_grad[real]
    grad_table[<int> LOG_SIGMOID_GRAD][s] = <loop_t> log_sigmoid_grad[real]
    leaky_relu_loop[s] = <loop_t> leaky[real]
    leaky_relu_grad_loop[s] = <loop_t> leaky_grad[real]


fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)


# -------------------------------------------------------------------------------------------- doors

cdef int checked(cnp.ndarray a, cnp.ndarray b, int most, int op) except -1:
    """The slot of both dtypes.  Raises if they differ or are no floats, or op is no operation."""
    cdef int s = slot(a)
    if not 0 <= op <= most:
        raise ValueError(f"activation: expected an operation from 0 to {most}, got {op}")
    if s != slot(b) or (s != FLOAT32 and s != FLOAT64):
        raise RuntimeError("activation: expected arrays of one floating point dtype, got "
                           f"{a.dtype} and {b.dtype}; convert them first")
    return s


cpdef cnp.ndarray activation(Activation op, cnp.ndarray x):
    """y = op(x)"""
    cdef int s = checked(x, x, LOG_SIGMOID, op)
    return map_strided("activation", table[<int> op][s], 1, x, None, None, None, s)


cpdef cnp.ndarray activation_grad(ActivationGrad op, cnp.ndarray g, cnp.ndarray a):
    """dx from g and what is kept: y of TANH, SIGMOID and RELU, x of the others."""
    cdef int s = checked(g, a, LOG_SIGMOID_GRAD, op)
    return map_strided("activation_grad", grad_table[<int> op][s], 2, g, a, None, None, s)


cpdef cnp.ndarray leaky_relu(cnp.ndarray x, cnp.ndarray slope):
    """x where x > 0, else x * slope, broadcast."""
    cdef int s = checked(x, slope, 0, 0)
    return map_strided("leaky_relu", leaky_relu_loop[s], 2, x, slope, None, None, s)


cpdef cnp.ndarray leaky_relu_grad(cnp.ndarray g, cnp.ndarray a, cnp.ndarray slope):
    """g where a > 0, else g * slope, broadcast; a is x, or for slope >= 0 y."""
    cdef int s = checked(g, slope, 0, 0)
    checked(g, a, 0, 0)
    return map_strided("leaky_relu_grad", leaky_relu_grad_loop[s], 3, g, a, slope, None, s)
