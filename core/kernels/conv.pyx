"""conv2d as a matrix product, one block of output rows of one image at a time.

For each image and group, with w as a matrix (OC, C*KH*KW):
    y = w @ im2col(x)        dx = col2im(w.T @ g)        dw = sum over images of g @ im2col(x).T"""

cimport numpy as cnp

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.gemm cimport Product, multiply, scratch
from plugrad.kernels.typenums cimport real
from plugrad.kernels.windows cimport Windows, col2im, im2col, windows

cnp.import_array()

# N images; G groups, each from the planes of `x` to OC output planes.
cdef struct Conv:
    Windows x
    Py_ssize_t N, G, OC, image_stride


cdef Product forward_product(const Conv* s, Py_ssize_t n) noexcept nogil:
    """y = w @ cols        w: (OC, K)   cols: (K, n)   y: n columns of (OC, L)"""
    cdef Py_ssize_t K = s.x.taps, L = s.x.places
    return Product(m=s.OC, k=K, n=n, ra=K, ca=1, rb=n, cb=1, rc=L, cc=1)


cdef Product grad_input_product(const Conv* s, Py_ssize_t n) noexcept nogil:
    """cols = w.T @ g      w: (OC, K)   g: n columns of (OC, L)   cols: (K, n)"""
    cdef Py_ssize_t K = s.x.taps, L = s.x.places
    return Product(m=K, k=s.OC, n=n, ra=1, ca=K, rb=L, cb=1, rc=n, cc=1)


cdef Product grad_weight_product(const Conv* s, Py_ssize_t n) noexcept nogil:
    """dw = g @ cols.T     g: n columns of (OC, L)   cols: (K, n)   dw: (OC, K)"""
    cdef Py_ssize_t K = s.x.taps, L = s.x.places
    return Product(m=s.OC, k=n, n=K, ra=L, ca=1, rb=1, cb=n, rc=K, cc=1)


cdef inline Py_ssize_t columns(const Conv* s) noexcept nogil:
    """Elements of the column matrix; the products' scratch memory lies behind it."""
    return s.x.taps * s.x.rows * s.x.w.M


cdef void forward(const real* x, const real* w,     # IN
                  real* y,                          # OUT
                  const Conv* s, real* cols) noexcept nogil:
    cdef Py_ssize_t i, j, top, rows, OW = s.x.w.M
    cdef Product p
    for i in range(s.N):
        for j in range(s.G):
            for top from 0 <= top < s.x.h.M by s.x.rows:
                rows = min(s.x.rows, s.x.h.M - top)
                im2col(x + i * s.image_stride + j * s.x.C * s.x.c_stride, &s.x, top, rows, cols)
                p = forward_product(s, rows * OW)
                multiply(w + j * s.OC * s.x.taps, cols,
                         y + (i * s.G + j) * s.OC * s.x.places + top * OW,
                         &p, False, cols + columns(s))


cdef void grad_input(const real* g, const real* w,  # IN
                     real* dx,                      # OUT, zeros at first
                     const Conv* s, real* cols) noexcept nogil:
    cdef Py_ssize_t i, j, top, rows, OW = s.x.w.M
    cdef Product p
    for i in range(s.N):
        for j in range(s.G):
            for top from 0 <= top < s.x.h.M by s.x.rows:
                rows = min(s.x.rows, s.x.h.M - top)
                p = grad_input_product(s, rows * OW)
                multiply(w + j * s.OC * s.x.taps, g + (i * s.G + j) * s.OC * s.x.places + top * OW,
                         cols, &p, False, cols + columns(s))
                col2im(cols, &s.x, top, rows, dx + i * s.image_stride + j * s.x.C * s.x.c_stride)


cdef void grad_weight(const real* x, const real* g,  # IN
                      real* dw,                      # OUT, zeros at first
                      const Conv* s, real* cols) noexcept nogil:
    cdef Py_ssize_t i, j, top, rows, OW = s.x.w.M
    cdef Product p
    for i in range(s.N):
        for j in range(s.G):
            for top from 0 <= top < s.x.h.M by s.x.rows:
                rows = min(s.x.rows, s.x.h.M - top)
                im2col(x + i * s.image_stride + j * s.x.C * s.x.c_stride, &s.x, top, rows, cols)
                p = grad_weight_product(s, rows * OW)
                multiply(g + (i * s.G + j) * s.OC * s.x.places + top * OW, cols,
                         dw + j * s.OC * s.x.taps, &p, True, cols + columns(s))


cdef int sizes(str door, Conv* s, tuple x, tuple w, stride, padding, dilation,
               Py_ssize_t groups) except -1:
    """Fill in all sizes from the shapes of x and w, for x in C order.
    Raises RuntimeError for shapes that do not fit, ValueError for impossible options."""
    if groups < 1:
        raise ValueError(f"{door}: expected at least one group, got {groups}")
    if len(x) != 4 or len(w) != 4 or x[1] != w[1] * groups or w[0] % groups:
        raise RuntimeError(
            f"{door}: expected x (N, C, H, W) and weight (OC, C / groups, KH, KW), OC a multiple "
            f"of groups; got x {x}, weight {w}, groups {groups}")
    windows(door, &s.x, w[1], x[2:], w[2:], stride, padding, dilation)
    s.N, s.G, s.OC = x[0], groups, w[0] // groups
    s.image_stride = groups * s.x.C * s.x.c_stride
    return 0


cdef cnp.ndarray as_it_lies(Conv* s, cnp.ndarray x):
    """x, with its own strides for im2col to read."""
    x = doors.native(x)
    cdef Py_ssize_t width = cnp.PyArray_ITEMSIZE(x)
    s.image_stride, s.x.c_stride = x.strides[0] // width, x.strides[1] // width
    s.x.h_stride, s.x.w_stride = x.strides[2] // width, x.strides[3] // width
    return x


cdef int check_gradient(str door, const Conv* s, cnp.ndarray g) except -1:
    expected = (s.N, s.G * s.OC, s.x.h.M, s.x.w.M)
    if (<object>g).shape != expected:
        raise RuntimeError(f"{door}: expected a gradient of the result's shape, {expected}, got "
                           f"{(<object>g).shape}")
    return 0


cdef cnp.ndarray memory(const Conv* s, Product p, int kind):
    """Room for the column matrix and the products' scratch memory."""
    cdef cnp.npy_intp size = columns(s) + scratch(&p)
    return buffers.empty(1, &size, kind)


cpdef cnp.ndarray conv2d_forward(cnp.ndarray x, cnp.ndarray w, stride, padding, dilation,
                                 Py_ssize_t groups):
    """y[n, o] = sum over c, i, j of w[o, c, i, j] * x[n, c, S*oh - P + D*i, S*ow - P + D*j]

    x: (N, C, H, W)   w: (OC, C/groups, KH, KW)   y: (N, OC, OH, OW); options are pairs.
    Raises RuntimeError for shapes or dtypes that do not fit, ValueError for impossible options."""
    cdef Conv s
    sizes("conv2d", &s, (<object>x).shape, (<object>w).shape, stride, padding, dilation, groups)
    cdef int kind = doors.floating("conv2d", "x and weight", x, w)
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.OC, s.x.h.M, s.x.w.M]
    cdef cnp.ndarray y = buffers.empty(4, shape, kind)
    if cnp.PyArray_SIZE(y) == 0:
        return y
    x, w = as_it_lies(&s, x), doors.in_order(w)
    cdef cnp.ndarray room = memory(&s, forward_product(&s, s.x.rows * s.x.w.M), kind)
    with nogil:
        if kind == cnp.NPY_FLOAT:
            forward(<float*>x.data, <float*>w.data, <float*>y.data, &s, <float*>room.data)
        else:
            forward(<double*>x.data, <double*>w.data, <double*>y.data, &s, <double*>room.data)
    return y


cpdef cnp.ndarray conv2d_grad_input(cnp.ndarray g, cnp.ndarray w, input_shape, stride, padding,
                                    dilation, Py_ssize_t groups):
    """dL/dx        g = dL/dy: (N, OC, OH, OW)   w: (OC, C/groups, KH, KW)   result: input_shape

    Raises as conv2d_forward does."""
    cdef Conv s
    sizes("conv2d's gradient", &s, tuple(input_shape), (<object>w).shape, stride, padding,
          dilation, groups)
    check_gradient("conv2d's gradient", &s, g)
    cdef int kind = doors.floating("conv2d's gradient", "gradient and weight", g, w)
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.x.C, s.x.h.N, s.x.w.N]
    cdef cnp.ndarray dx = doors.zeros(4, shape, kind)
    if cnp.PyArray_SIZE(dx) == 0 or cnp.PyArray_SIZE(g) == 0:
        return dx
    g, w = doors.in_order(g), doors.in_order(w)
    cdef cnp.ndarray room = memory(&s, grad_input_product(&s, s.x.rows * s.x.w.M), kind)
    with nogil:
        if kind == cnp.NPY_FLOAT:
            grad_input(<float*>g.data, <float*>w.data, <float*>dx.data, &s, <float*>room.data)
        else:
            grad_input(<double*>g.data, <double*>w.data, <double*>dx.data, &s, <double*>room.data)
    return dx


cpdef cnp.ndarray conv2d_grad_weight(cnp.ndarray x, cnp.ndarray g, weight_shape, stride, padding,
                                     dilation, Py_ssize_t groups):
    """dL/dw        x: (N, C, H, W)   g = dL/dy: (N, OC, OH, OW)   result: weight_shape

    Raises as conv2d_forward does."""
    cdef Conv s
    cdef tuple w = tuple(weight_shape)
    sizes("conv2d's gradient", &s, (<object>x).shape, w, stride, padding, dilation, groups)
    check_gradient("conv2d's gradient", &s, g)
    cdef int kind = doors.floating("conv2d's gradient", "x and gradient", x, g)
    cdef cnp.npy_intp[4] shape = [w[0], w[1], w[2], w[3]]
    cdef cnp.ndarray dw = doors.zeros(4, shape, kind)
    if cnp.PyArray_SIZE(dw) == 0 or cnp.PyArray_SIZE(g) == 0:
        return dw
    x, g = as_it_lies(&s, x), doors.in_order(g)
    cdef cnp.ndarray room = memory(&s, grad_weight_product(&s, s.x.rows * s.x.w.M), kind)
    with nogil:
        if kind == cnp.NPY_FLOAT:
            grad_weight(<float*>x.data, <float*>g.data, <float*>dw.data, &s, <float*>room.data)
        else:
            grad_weight(<double*>x.data, <double*>g.data, <double*>dw.data, &s, <double*>room.data)
    return dw
