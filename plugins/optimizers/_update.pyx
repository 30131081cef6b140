"""How SGD and Adam move one parameter: the loops, which pass over its memory once.

Written in Tensor operations the same formulas read and write every array several times, and a
large parameter does not fit into the cache in between."""

cimport numpy as cnp
from libc.math cimport pow, sqrt, sqrtf

from plugrad.kernels.strides cimport RELEASE, apart
from plugrad.kernels.threads cimport share, threads_for
from plugrad.kernels.typenums cimport is_nan, real
from plugrad.tensor cimport Tensor, check_writable, written

cnp.import_array()

cdef enum:
    PIECE = 8192             # elements that one thread moves at a time
    PLAIN, HEAVY, NESTEROV   # SGD without momentum, with it, with Nesterov's

# One update: its options, and the n numbers in each array; an array that is not used is NULL.
cdef struct Update:
    Py_ssize_t n
    int size                 # bytes of one number: 4 or 8
    char* w                  # INOUT
    char* g                  # IN
    char* m                  # INOUT   mean gradient, or momentum buffer
    char* v                  # INOUT   mean squared gradient
    char* top                # INOUT   the largest v so far
    int momentum_is
    double lr, momentum, rest, decay
    double beta1, beta2, scale, eps


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
    cdef real decay = <real> u.decay, d, mean, square
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
        square = <real> (sqrtf(square) if real is float else sqrt(square))
        w[i] = w[i] - lr * (mean / (scale * square + eps))


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


cdef void move_piece(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    """One piece of the arrays; which optimizer it is shows in the arrays that it has."""
    cdef const Update* u = <const Update*> context
    cdef Py_ssize_t first = piece * PIECE, n = min(<Py_ssize_t> PIECE, u.n - first)
    cdef Py_ssize_t at = first * u.size
    cdef char* top = NULL if u.top == NULL else u.top + at
    cdef char* m = NULL if u.m == NULL else u.m + at
    if u.v == NULL:
        if u.size == sizeof(float):
            sgd_run(<float*> (u.w + at), <float*> (u.g + at), <float*> m, n, u)
        else:
            sgd_run(<double*> (u.w + at), <double*> (u.g + at), <double*> m, n, u)
    elif u.size == sizeof(float):
        adam_run(<float*> (u.w + at), <float*> (u.g + at), <float*> m, <float*> (u.v + at),
                 <float*> top, n, u)
    else:
        adam_run(<double*> (u.w + at), <double*> (u.g + at), <double*> m, <double*> (u.v + at),
                 <double*> top, n, u)


cdef void move(Update* u, int arrays):
    """Do the update, on as many threads as that many arrays are worth."""
    cdef Py_ssize_t pieces = (u.n + PIECE - 1) // PIECE
    if u.n < RELEASE:
        share(move_piece, u, pieces, 1)
    else:
        with nogil:
            share(move_piece, u, pieces, threads_for(pieces, arrays * u.n))


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


def sgd(Tensor w, Tensor g, Tensor m or None, double lr, double momentum, double dampening,
        double weight_decay, bint nesterov):
    """One step of SGD: moves w, and the momentum buffer m; without momentum m may be None.

    Tensors of one shape, w of float32 or float64, any strides.  Raises RuntimeError otherwise."""
    cdef Update u
    cdef cnp.ndarray aw = to_write("SGD", w, w), am = None
    cdef cnp.ndarray ag = apart(in_order("SGD", w, g), aw)
    u.momentum_is = PLAIN if momentum == 0 else NESTEROV if nesterov else HEAVY
    u.m = u.v = u.top = NULL
    if momentum != 0:
        am = to_write("SGD", w, m)
        ag = apart(ag, am)
        u.m = <char*> cnp.PyArray_DATA(am)
    u.n, u.size = cnp.PyArray_SIZE(aw), <int> cnp.PyArray_ITEMSIZE(aw)
    u.w, u.g = <char*> cnp.PyArray_DATA(aw), <char*> cnp.PyArray_DATA(ag)
    u.lr, u.momentum, u.rest, u.decay = lr, momentum, 1 - dampening, weight_decay
    move(&u, 3 if momentum == 0 else 5)
    wrote(w, aw)
    if momentum != 0:
        wrote(m, am)


def adam(Tensor w, Tensor g, Tensor m, Tensor v, Tensor top or None, double t, double lr,
         double beta1, double beta2, double eps, double weight_decay):
    """Step t = 1, 2, ... of Adam: moves w and its means m, v, and with amsgrad top, else None.

    Tensors of one shape, w of float32 or float64, any strides.  Raises RuntimeError otherwise."""
    cdef Update u
    cdef cnp.ndarray aw = to_write("Adam", w, w), am = to_write("Adam", w, m)
    cdef cnp.ndarray av = to_write("Adam", w, v), atop = None
    cdef cnp.ndarray ag = apart(apart(apart(in_order("Adam", w, g), aw), am), av)
    u.top = NULL
    if top is not None:
        atop = to_write("Adam", w, top)
        ag = apart(ag, atop)
        u.top = <char*> cnp.PyArray_DATA(atop)
    u.n, u.size = cnp.PyArray_SIZE(aw), <int> cnp.PyArray_ITEMSIZE(aw)
    u.w, u.g = <char*> cnp.PyArray_DATA(aw), <char*> cnp.PyArray_DATA(ag)
    u.m, u.v = <char*> cnp.PyArray_DATA(am), <char*> cnp.PyArray_DATA(av)
    u.beta1, u.beta2, u.eps, u.decay = beta1, beta2, eps, weight_decay
    u.lr, u.scale = lr / (1 - pow(beta1, t)), 1 / sqrt(1 - pow(beta2, t))
    move(&u, 7 if top is None else 9)
    wrote(w, aw)
    wrote(m, am)
    wrote(v, av)
    if top is not None:
        wrote(top, atop)
