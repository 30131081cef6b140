"""How the common optimizers move one parameter: the loops, which pass over its memory once.

Written in Tensor operations the same formulas read and write every array several times, and a
large parameter does not fit into the cache in between."""

cimport numpy as cnp
from libc.math cimport pow, sqrt, sqrtf

from plugrad.kernels.strides.strides cimport RELEASE, apart
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport is_nan, real
from plugrad.tensor.tensor cimport Tensor, check_writable, written

cnp.import_array()

cdef enum:
    PIECE = 8192             # elements that one thread moves at a time
    PLAIN, HEAVY, NESTEROV   # SGD without momentum, with it, with Nesterov's
    SGD, ADAM, RMSPROP, ADAGRAD, ADADELTA

# One update: its options, and the n numbers in each array; an array that is not used is NULL.
cdef struct Update:
    int rule                 # SGD, ADAM, ...
    Py_ssize_t n
    int size                 # bytes of one number: 4 or 8
    char* w                  # INOUT
    char* g                  # IN
    char* m                  # INOUT   mean gradient, or momentum buffer
    char* v                  # INOUT   mean, or sum, of squared gradients
    char* x                  # INOUT   largest v (Adam), mean g (RMSprop), mean step² (Adadelta)
    int momentum_is
    double lr, momentum, rest, decay, keep
    double beta1, beta2, scale, eps


cdef inline real root(real x) noexcept nogil:
    return <real> (sqrtf(x) if real is float else sqrt(x))


cdef inline void sgd_loop(real* w, real* g, real* m, Py_ssize_t n, const Update* u,
                          int momentum_is, bint decays) noexcept nogil:
    """The body of SGD's loops, for constant momentum_is and decays."""
    cdef real lr = <real> u.lr, momentum = <real> u.momentum, rest = <real> u.rest
    cdef real decay = <real> u.decay, d
    cdef Py_ssize_t i
    for i in range(n):
        d = g[i]
        if decays:
            d = d + decay * w[i]
        if momentum_is != PLAIN:
            m[i] = momentum * m[i] + rest * d
            d = d + momentum * m[i] if momentum_is == NESTEROV else m[i]
        w[i] = w[i] - lr * d


cdef void sgd_run(real* w, real* g, real* m, Py_ssize_t n, const Update* u) noexcept nogil:
    # 0 * w would be NaN where w is infinite: without weight_decay w must not enter.
    if u.momentum_is == PLAIN:
        if u.decay != 0:
            sgd_loop(w, g, m, n, u, PLAIN, True)
        else:
            sgd_loop(w, g, m, n, u, PLAIN, False)
    elif u.momentum_is == HEAVY:
        if u.decay != 0:
            sgd_loop(w, g, m, n, u, HEAVY, True)
        else:
            sgd_loop(w, g, m, n, u, HEAVY, False)
    elif u.decay != 0:
        sgd_loop(w, g, m, n, u, NESTEROV, True)
    else:
        sgd_loop(w, g, m, n, u, NESTEROV, False)


cdef inline void adam_loop(real* w, real* g, real* m, real* v, real* top, Py_ssize_t n,
                           const Update* u, bint decays, bint amsgrad) noexcept nogil:
    """The body of Adam's loops, for constant decays and amsgrad."""
    cdef real beta1 = <real> u.beta1, rest1 = <real> (1 - u.beta1)
    cdef real beta2 = <real> u.beta2, rest2 = <real> (1 - u.beta2)
    cdef real lr = <real> u.lr, scale = <real> u.scale, eps = <real> u.eps
    cdef real decay = <real> u.decay, keep = <real> u.keep, d, mean, square
    cdef Py_ssize_t i
    for i in range(n):
        d = g[i]
        if decays:
            d = d + decay * w[i]
        mean = beta1 * m[i] + rest1 * d
        square = beta2 * v[i] + rest2 * (d * d)
        m[i] = mean
        v[i] = square
        if amsgrad:
            square = square if (square > top[i]) | is_nan(square) else top[i]
            top[i] = square
        w[i] = keep * w[i] - lr * (mean / (scale * root(square) + eps))


cdef void adam_run(real* w, real* g, real* m, real* v, real* top, Py_ssize_t n,
                   const Update* u) noexcept nogil:
    if top == NULL:
        if u.decay != 0:
            adam_loop(w, g, m, v, top, n, u, True, False)
        else:
            adam_loop(w, g, m, v, top, n, u, False, False)
    elif u.decay != 0:
        adam_loop(w, g, m, v, top, n, u, True, True)
    else:
        adam_loop(w, g, m, v, top, n, u, False, True)


cdef inline void rmsprop_loop(real* w, real* g, real* m, real* v, real* mean, Py_ssize_t n,
                              const Update* u, bint heavy, bint centered) noexcept nogil:
    """The body of RMSprop's loops, for constant heavy (momentum) and centered."""
    cdef real alpha = <real> u.beta2, rest = <real> (1 - u.beta2), momentum = <real> u.momentum
    cdef real lr = <real> u.lr, eps = <real> u.eps, decay = <real> u.decay, d, square
    cdef Py_ssize_t i
    for i in range(n):
        d = g[i] + decay * w[i] if decay != 0 else g[i]
        square = alpha * v[i] + rest * (d * d)
        v[i] = square
        if centered:
            mean[i] = mean[i] + rest * (d - mean[i])
            square = square - mean[i] * mean[i]
        d = d / (root(square) + eps)
        if heavy:
            d = momentum * m[i] + d
            m[i] = d
        w[i] = w[i] - lr * d


cdef void rmsprop_run(real* w, real* g, real* m, real* v, real* mean, Py_ssize_t n,
                      const Update* u) noexcept nogil:
    if m == NULL:
        if mean == NULL:
            rmsprop_loop(w, g, m, v, mean, n, u, False, False)
        else:
            rmsprop_loop(w, g, m, v, mean, n, u, False, True)
    elif mean == NULL:
        rmsprop_loop(w, g, m, v, mean, n, u, True, False)
    else:
        rmsprop_loop(w, g, m, v, mean, n, u, True, True)


cdef void adagrad_run(real* w, real* g, real* v, Py_ssize_t n, const Update* u) noexcept nogil:
    cdef real lr = <real> u.lr, eps = <real> u.eps, decay = <real> u.decay, d
    cdef Py_ssize_t i
    for i in range(n):
        d = g[i] + decay * w[i] if decay != 0 else g[i]
        v[i] = v[i] + d * d
        w[i] = w[i] - lr * (d / (root(v[i]) + eps))


cdef void adadelta_run(real* w, real* g, real* v, real* x, Py_ssize_t n,
                       const Update* u) noexcept nogil:
    cdef real rho = <real> u.beta2, rest = <real> (1 - u.beta2)
    cdef real lr = <real> u.lr, eps = <real> u.eps, decay = <real> u.decay, d
    cdef Py_ssize_t i
    for i in range(n):
        d = g[i] + decay * w[i] if decay != 0 else g[i]
        v[i] = rho * v[i] + rest * (d * d)
        d = root(x[i] + eps) / root(v[i] + eps) * d
        x[i] = rho * x[i] + rest * (d * d)
        w[i] = w[i] - lr * d


cdef void run(real* w, real* g, real* m, real* v, real* x, Py_ssize_t n,
              const Update* u) noexcept nogil:
    if u.rule == SGD:
        sgd_run(w, g, m, n, u)
    elif u.rule == ADAM:
        adam_run(w, g, m, v, x, n, u)
    elif u.rule == RMSPROP:
        rmsprop_run(w, g, m, v, x, n, u)
    elif u.rule == ADAGRAD:
        adagrad_run(w, g, v, n, u)
    else:
        adadelta_run(w, g, v, x, n, u)


cdef inline char* later(char* a, Py_ssize_t by) noexcept nogil:
    return NULL if a == NULL else a + by


cdef void move_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    """One piece of the arrays."""
    cdef const Update* u = <const Update*> context
    cdef Py_ssize_t first = piece * PIECE, n = min(<Py_ssize_t> PIECE, u.n - first)
    cdef Py_ssize_t at = first * u.size
    cdef char* w = u.w + at
    cdef char* g = u.g + at
    cdef char* m = later(u.m, at)
    cdef char* v = later(u.v, at)
    cdef char* x = later(u.x, at)
    if u.size == sizeof(float):
        run(<float*> w, <float*> g, <float*> m, <float*> v, <float*> x, n, u)
    else:
        run(<double*> w, <double*> g, <double*> m, <double*> v, <double*> x, n, u)


cdef cnp.ndarray in_order(str who, Tensor w, Tensor x):
    """x's numbers in C order and of w's dtype: its own array, or a copy.  Raises RuntimeError."""
    cdef int kind = cnp.PyArray_TYPE(w.array)
    if kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE:
        raise RuntimeError(f"{who}: expected a parameter of float32 or float64, got {w.dtype}; "
                           "convert it first, e.g. with .float()")
    if not cnp.PyArray_SAMESHAPE(w.array, x.array):
        raise RuntimeError(f"{who}: a parameter of shape {tuple(w.shape)} has a gradient or state "
                           f"of shape {tuple(x.shape)}; was it given other data since?")
    if cnp.PyArray_TYPE(x.array) == kind and cnp.PyArray_ISCARRAY_RO(x.array):
        return x.array
    return cnp.PyArray_FROM_OTF(x.array, kind, cnp.NPY_ARRAY_CARRAY_RO | cnp.NPY_ARRAY_FORCECAST)


cdef cnp.ndarray to_write(str who, Tensor w, Tensor x):
    """As in_order, of a tensor that is going to be written to."""
    check_writable(x, who)
    return in_order(who, w, x)


cdef int wrote(Tensor x, cnp.ndarray a) except -1:
    """Bring what was written into `a` to x, and let autograd know."""
    if a is not x.array:
        cnp.PyArray_CopyInto(x.array, a)
    written(x, None)
    return 0


cdef int move(Update* u, str who, Tensor w, Tensor g, Tensor m, Tensor v, Tensor x) except -1:
    """Check the tensors, update them on as many threads as they are worth, and let autograd know.

    m, v, x: None where there is none."""
    cdef cnp.ndarray aw = to_write(who, w, w), ag = apart(in_order(who, w, g), aw)
    cdef cnp.ndarray am = None, av = None, ax = None
    cdef int arrays = 3
    u.m = u.v = u.x = NULL
    if m is not None:
        am = to_write(who, w, m)
        ag = apart(ag, am)
        u.m = <char*> cnp.PyArray_DATA(am)
        arrays += 2
    if v is not None:
        av = to_write(who, w, v)
        ag = apart(ag, av)
        u.v = <char*> cnp.PyArray_DATA(av)
        arrays += 2
    if x is not None:
        ax = to_write(who, w, x)
        ag = apart(ag, ax)
        u.x = <char*> cnp.PyArray_DATA(ax)
        arrays += 2
    u.n, u.size = cnp.PyArray_SIZE(aw), <int> cnp.PyArray_ITEMSIZE(aw)
    u.w, u.g = <char*> cnp.PyArray_DATA(aw), <char*> cnp.PyArray_DATA(ag)
    run_pieces(u, arrays)
    wrote(w, aw)
    if m is not None:
        wrote(m, am)
    if v is not None:
        wrote(v, av)
    if x is not None:
        wrote(x, ax)
    return 0


cdef void run_pieces(Update* u, int arrays):
    cdef Py_ssize_t pieces = (u.n + PIECE - 1) // PIECE
    if u.n < RELEASE:
        share(move_piece, u, pieces, 1)
    else:
        with nogil:
            share(move_piece, u, pieces, threads_for(pieces, arrays * u.n))


# The doors.  All take tensors of one shape, w of float32 or float64, any strides, and raise
# RuntimeError otherwise.

def sgd(Tensor w, Tensor g, Tensor m or None, double lr, double momentum, double dampening,
        double weight_decay, bint nesterov):
    """One step of SGD: moves w, and the momentum buffer m; without momentum m may be None."""
    cdef Update u
    u.rule = SGD
    u.momentum_is = PLAIN if momentum == 0 else NESTEROV if nesterov else HEAVY
    u.lr, u.momentum, u.rest, u.decay = lr, momentum, 1 - dampening, weight_decay
    move(&u, "SGD", w, g, None if momentum == 0 else m, None, None)


def adam(str who, Tensor w, Tensor g, Tensor m, Tensor v, Tensor top or None, double t, double lr,
         double beta1, double beta2, double eps, double weight_decay, bint decoupled):
    """Step t = 1, 2, ... of Adam: moves w and its means m, v, and with amsgrad top, else None.

    weight_decay adds to the gradient; decoupled, it shrinks w instead."""
    cdef Update u
    u.rule = ADAM
    u.beta1, u.beta2, u.eps = beta1, beta2, eps
    u.decay = 0 if decoupled else weight_decay
    u.keep = 1 - lr * weight_decay if decoupled else 1
    u.lr, u.scale = lr / (1 - pow(beta1, t)), 1 / sqrt(1 - pow(beta2, t))
    move(&u, who, w, g, m, v, top)


def rmsprop(Tensor w, Tensor g, Tensor m or None, Tensor v, Tensor mean or None, double lr,
            double alpha, double eps, double weight_decay, double momentum):
    """One step of RMSprop: moves w and its mean square v, the momentum buffer m, if there is one,
    and, centered, the mean gradient."""
    cdef Update u
    u.rule = RMSPROP
    u.lr, u.beta2, u.eps, u.decay, u.momentum = lr, alpha, eps, weight_decay, momentum
    move(&u, "RMSprop", w, g, m, v, mean)


def adagrad(Tensor w, Tensor g, Tensor sum, double lr, double eps, double weight_decay):
    """One step of Adagrad: moves w and the sum of squares."""
    cdef Update u
    u.rule = ADAGRAD
    u.lr, u.eps, u.decay = lr, eps, weight_decay
    move(&u, "Adagrad", w, g, None, sum, None)


def adadelta(Tensor w, Tensor g, Tensor v, Tensor x, double lr, double rho, double eps,
             double weight_decay):
    """One step of Adadelta: moves w, the mean squared gradient v, the mean squared step x."""
    cdef Update u
    u.rule = ADADELTA
    u.lr, u.beta2, u.eps, u.decay = lr, rho, eps, weight_decay
    move(&u, "Adadelta", w, g, None, v, x)
