"""conv2d and its two gradients: im2col (Chellapilla et al., 2006) without the matrix.

For each image and group, with w as a matrix (OC, C*KH*KW) and windows as columns:
    y = w @ windows(x)             dx = rotated w @ windows(g)
    dw = g @ windows(x).T, summed over the images
With a stride S, every S-th pixel of dx comes from the same taps of w: it takes S * S products of
few taps each."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.conv.correlate cimport correlate
from plugrad.kernels.conv.depthwise cimport gradient_depthwise
from plugrad.kernels.conv.frames cimport FRAME, Conv, frame
from plugrad.kernels.conv.weight_gradient cimport weight_gradient
from plugrad.kernels.conv.windows cimport Axis, windows

cnp.import_array()

# Along an axis: pixels that the same taps reach, both S apart and more.
cdef struct Phase:
    Axis g                     # the windows over g that give these pixels, in order
    Py_ssize_t tap, tap_step   # the first of these taps, K if there is none


cdef Phase phase(const Axis* s, Py_ssize_t pixel) noexcept nogil:
    """How pixels `pixel`, pixel + S, ... come from windows over g.  Pixel p is tap k of window m if
    p + P = m*S + k*D."""
    cdef Phase f
    cdef Py_ssize_t taps
    f.tap = f.tap_step = 0
    while f.tap < s.K and (f.tap * s.D - pixel - s.P) % s.S:
        f.tap += 1
    f.tap_step = 1
    while f.tap_step * s.D % s.S:
        f.tap_step += 1
    taps = (s.K - f.tap + f.tap_step - 1) // f.tap_step
    f.g.N, f.g.K, f.g.S, f.g.D = s.M, taps, 1, f.tap_step * s.D // s.S
    f.g.M = (s.N - pixel + s.S - 1) // s.S
    f.g.P = f.g.D * (taps - 1) - (pixel + s.P - f.tap * s.D) // s.S
    return f


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
    correlate(as_it_lies(&s, x), by_group(w, groups), bias, y, &s)
    return y


cdef Conv adjoint(const Conv* s, const Axis* h, const Axis* w) noexcept nogil:
    """The convolution of g with rotated filters that gives a phase of dx."""
    cdef Conv t = s[0]
    t.OC, t.x.C, t.x.h, t.x.w = s.x.C, s.OC, h[0], w[0]
    t.x.taps, t.x.places = t.x.C * h.K * w.K, h.M * w.M
    t.f = frame(&t.x, FRAME)
    return t


cdef cnp.ndarray by_group(w, Py_ssize_t groups):
    """Filters (G * OC, C, KH, KW) as (G, OC, C, KH, KW)."""
    oc, c, kh, kw = w.shape
    return doors.native(w).reshape(groups, oc // groups, c, kh, kw)


cdef cnp.ndarray rotated(w, Py_ssize_t groups):
    """Each group's filters (OC, C, KH, KW) as (C, OC, KH, KW), turned by half a circle."""
    return by_group(w, groups)[..., ::-1, ::-1].swapaxes(1, 2)


cpdef cnp.ndarray conv2d_grad_input(cnp.ndarray g, cnp.ndarray w, input_shape, stride, padding,
                                    dilation, Py_ssize_t groups):
    """dL/dx        g = dL/dy: (N, OC, OH, OW)   w: (OC, C/groups, KH, KW)   result: input_shape

    Raises as conv2d_forward does."""
    cdef Conv s
    cdef Py_ssize_t i, j
    sizes("conv2d's gradient", &s, tuple(input_shape), (<object>w).shape, stride, padding,
          dilation, groups)
    check_gradient("conv2d's gradient", &s, g)
    cdef int kind = doors.floating("conv2d's gradient", "gradient and weight", g, w)
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.x.C, s.x.h.N, s.x.w.N]
    cdef cnp.ndarray dx = buffers.empty(4, shape, kind)
    if cnp.PyArray_SIZE(dx) == 0:
        return dx
    if cnp.PyArray_SIZE(g) == 0:
        memset(dx.data, 0, cnp.PyArray_NBYTES(dx))
        return dx
    g = as_it_lies(&s, g)
    cdef Phase a, b
    cdef Conv t
    for i in range(min(s.x.h.S, s.x.h.N)):
        a = phase(&s.x.h, i)
        for j in range(min(s.x.w.S, s.x.w.N)):
            b = phase(&s.x.w, j)
            part = dx[:, :, i::s.x.h.S, j::s.x.w.S]
            if a.g.K == 0 or b.g.K == 0:
                part[...] = 0
                continue
            t = adjoint(&s, &a.g, &b.g)
            correlate(g, rotated(w[:, :, a.tap::a.tap_step, b.tap::b.tap_step], groups), None,
                      part, &t)
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
    if s.x.C == s.OC == 1:
        gradient_depthwise(as_it_lies(&s, x), doors.in_order(g), dw, &s)
    else:
        weight_gradient(as_it_lies(&s, x), doors.in_order(g), dw, &s)
    return dw
