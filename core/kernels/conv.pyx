"""conv2d and its two gradients: im2col (Chellapilla et al., 2006) without the matrix.

For each image and group, with w as a matrix (OC, C*KH*KW) and windows as columns:
    y = w @ windows(x)             dx = rotated w @ windows(g), or the transpose for a stride > 1
    dw = g @ windows(x).T, summed over the images"""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.correlate cimport FRAME, Conv, correlate
from plugrad.kernels.gemm cimport Product, multiply, scratch
from plugrad.kernels.typenums cimport real
from plugrad.kernels.weight_gradient cimport weight_gradient
from plugrad.kernels.windows cimport col2im, frame, windows

cnp.import_array()


# ----------------------------------------------------------- dx for a stride: y = w @ x, transposed

cdef Product grad_input_product(const Conv* s, Py_ssize_t n) noexcept nogil:
    """cols = w.T @ g      w: (OC, K)   g: n columns of (OC, L)   cols: (K, n)"""
    cdef Py_ssize_t K = s.x.taps, L = s.x.places
    return Product(m=K, k=s.OC, n=n, ra=1, ca=K, rb=L, cb=1, rc=n, cc=1)


cdef inline Py_ssize_t columns(const Conv* s) noexcept nogil:
    """Elements of the column matrix; the products' scratch memory lies behind it."""
    return s.x.taps * s.x.rows * s.x.w.M


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
                         <const real*> NULL, cols, &p, False, cols + columns(s))
                col2im(cols, &s.x, top, rows, dx + i * s.image_stride + j * s.x.C * s.x.c_stride)


# ------------------------------------------------------------------------------------------- doors

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
    s.f = frame(&s.x, FRAME)
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


cdef cnp.ndarray memory(Py_ssize_t size, int kind):
    """Room for a kernel to work in."""
    cdef cnp.npy_intp n = size
    return buffers.empty(1, &n, kind)


cpdef cnp.ndarray conv2d_forward(cnp.ndarray x, cnp.ndarray w, stride, padding, dilation,
                                 Py_ssize_t groups, cnp.ndarray bias=None):
    """y[n, o] = b[o] + sum over c, i, j of w[o, c, i, j] * x[n, c, S*oh - P + D*i, S*ow - P + D*j]

    x: (N, C, H, W)   w: (OC, C/groups, KH, KW)   b, the bias: (OC,) or None   y: (N, OC, OH, OW);
    options are pairs.
    Raises RuntimeError for shapes or dtypes that do not fit, ValueError for impossible options."""
    cdef Conv s
    sizes("conv2d", &s, (<object>x).shape, (<object>w).shape, stride, padding, dilation, groups)
    cdef int kind = doors.floating("conv2d", "x and weight", x, w)
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.OC, s.x.h.M, s.x.w.M]
    if bias is not None:
        doors.floating("conv2d", "x and bias", x, bias)
        if cnp.PyArray_NDIM(bias) != 1 or bias.shape[0] != shape[1]:
            raise RuntimeError(f"conv2d: expected a bias of shape ({shape[1]},), got "
                               f"{(<object>bias).shape}")
        bias = doors.in_order(bias)
    cdef cnp.ndarray y = buffers.empty(4, shape, kind)
    if cnp.PyArray_SIZE(y) == 0:
        return y
    if s.x.taps == 0:
        y[...] = 0 if bias is None else bias.reshape(-1, 1, 1)
        return y
    correlate(as_it_lies(&s, x), doors.in_order(w), bias, y, &s)
    return y


cdef Conv adjoint(const Conv* s) noexcept nogil:
    """The convolution of g with the rotated filters that gives dx, for a stride of 1."""
    cdef Conv t = s[0]
    t.OC, t.x.C = s.x.C, s.OC
    t.x.h.N, t.x.h.M, t.x.h.P = s.x.h.M, s.x.h.N, s.x.h.D * (s.x.h.K - 1) - s.x.h.P
    t.x.w.N, t.x.w.M, t.x.w.P = s.x.w.M, s.x.w.N, s.x.w.D * (s.x.w.K - 1) - s.x.w.P
    t.x.taps, t.x.places = t.x.C * s.x.h.K * s.x.w.K, s.x.h.N * s.x.w.N
    t.f = frame(&t.x, FRAME)
    return t


cdef cnp.ndarray rotated(w, Py_ssize_t groups):
    """Each group's filters (OC, C, KH, KW) as (C, OC, KH, KW), turned by half a circle."""
    oc, c, kh, kw = w.shape
    by_group = w.reshape(groups, oc // groups, c, kh, kw)[..., ::-1, ::-1]
    return doors.in_order(by_group.swapaxes(1, 2))


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
    cdef cnp.ndarray dx = buffers.empty(4, shape, kind)
    if cnp.PyArray_SIZE(dx) == 0:
        return dx
    if cnp.PyArray_SIZE(g) and s.x.h.S == 1 and s.x.w.S == 1:
        s = adjoint(&s)
        correlate(as_it_lies(&s, g), rotated(w, groups), None, dx, &s)
        return dx
    memset(dx.data, 0, cnp.PyArray_NBYTES(dx))
    if cnp.PyArray_SIZE(g) == 0:
        return dx
    g, w = doors.in_order(g), doors.in_order(w)
    cdef Product p = grad_input_product(&s, s.x.rows * s.x.w.M)
    cdef cnp.ndarray room = memory(columns(&s) + scratch(&p), kind)
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
    weight_gradient(as_it_lies(&s, x), doors.in_order(g), dw, &s)
    return dw
