"""conv2d as a matrix product that reads its columns from the image: im2col without the matrix.

For each image and group, with w as a matrix (OC, C*KH*KW) and windows as columns:
    y = w @ windows(x)             dx = rotated w @ windows(g), or the transpose for a stride > 1
    dw.T = windows(x) @ g.T, summed over the images"""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.gemm cimport (
    KC, LANES, MC, MR, NV, Product, block, element, multiply, pack_columns, pack_rows,
    scratch, strips, tile_columns, vdouble, vector, vfloat,
)
from plugrad.kernels.typenums cimport real
from plugrad.kernels.windows cimport (
    Frame, Windows, col2im, frame, offsets, pack_windows, put_in_frame, windows,
)

cnp.import_array()

cdef enum:
    PLACES = 256         # output places whose windows are packed at a time

# N images; G groups, each from the planes of `x` to OC output planes.
cdef struct Conv:
    Windows x
    Frame f
    Py_ssize_t N, G, OC, image_stride


# ---------------------------------------------------------------------------------------- y = w @ x

cdef Py_ssize_t filters_size(const Conv* s) noexcept nogil:
    """Elements of the packed filters of all groups."""
    return s.G * strips(s.OC, MR) * MR * s.x.taps


cdef void pack_filters(const real* w, const Conv* s, real* out) noexcept nogil:
    """Each group's (OC, K) in panels KC deep, one behind the other."""
    cdef Py_ssize_t _, p, rows = strips(s.OC, MR) * MR
    for _ in range(s.G):
        for p from 0 <= p < s.x.taps by KC:
            pack_rows(w + p, s.x.taps, 1, s.OC, min(s.x.taps - p, <Py_ssize_t> KC), out + rows * p)
        w += s.OC * s.x.taps
        out += rows * s.x.taps


cdef void correlate(const real* x,                  # IN  a band of one group of an image
                    const real* filters,            # IN  packed
                    const Conv* s, const Py_ssize_t* taps, Py_ssize_t places,
                    real* y,                        # OUT (OC, places), rows of (OC, L)
                    real* panel) noexcept nogil:
    """y[o, q] = sum over taps t of w[o, t] * x[window q, t]."""
    cdef Py_ssize_t q, p, i, n, k, rows = strips(s.OC, MR) * MR
    for q from 0 <= q < places by PLACES:
        n = min(places - q, <Py_ssize_t> PLACES)
        for p from 0 <= p < s.x.taps by KC:
            k = min(s.x.taps - p, <Py_ssize_t> KC)
            pack_windows(x, &s.x, &s.f, taps + p, k, q, n, panel)
            for i from 0 <= i < s.OC by MC:
                block(filters + rows * p + i * k, panel, min(s.OC - i, <Py_ssize_t> MC), n, k,
                      p > 0, y + i * s.x.places + q, s.x.places, 1)


cdef Py_ssize_t panel_size(const Conv* s, const real* _) noexcept nogil:
    """Elements of a panel of packed windows."""
    return (PLACES + 2 * LANES) * min(s.x.taps, <Py_ssize_t> KC)


cdef void forward(const real* x, const real* w,     # IN
                  real* y,                          # OUT
                  const Conv* s, Py_ssize_t* taps, real* room) noexcept nogil:
    cdef Py_ssize_t i, j, top, rows, OW = s.x.w.M, of_group = filters_size(s) // s.G
    cdef real* filters = room
    cdef real* image = filters + filters_size(s)
    cdef real* panel = image + s.f.size
    pack_filters(w, s, filters)
    offsets(&s.x, &s.f, taps)
    for i in range(s.N):
        for j in range(s.G):
            for top from 0 <= top < s.x.h.M by s.f.rows:
                rows = min(s.f.rows, s.x.h.M - top)
                put_in_frame(x + i * s.image_stride + j * s.x.C * s.x.c_stride, &s.x, &s.f, top,
                             rows, image)
                correlate(image, filters + j * of_group, s, taps, rows * OW,
                          y + (i * s.G + j) * s.OC * s.x.places + top * OW, panel)


# ------------------------------------------------------------------------------ dw.T = x @ g.T

cdef inline void taps_tile(const vector** x,        # IN  MR taps of the first window
                           const vector* g,         # IN  (L, NV)
                           const Conv* s, Py_ssize_t rows,
                           vector* out) noexcept nogil:      # (MR, NV), added to
    """out[t, o] += sum over places q of x[window q, t] * g[q, o], summed in registers."""
    cdef vector acc[MR * NV]
    cdef Py_ssize_t oh, _, i, j, at
    memset(acc, 0, sizeof(acc))
    for oh in range(rows):
        at = oh * s.x.h.S * s.f.pitch
        for _ in range(s.x.w.M):
            for i in range(MR):
                for j in range(NV):
                    acc[i * NV + j] += g[j] * element(x[i], at)
            g += NV
            at += s.x.w.S
    for i in range(MR * NV):
        out[i] += acc[i]


cdef void add_products(const real* x,               # IN  a band of one group of an image
                       const real* g,               # IN  packed: (strips of OC, places, NR)
                       const Conv* s, const Py_ssize_t* taps, Py_ssize_t rows,
                       real* out) noexcept nogil:   # OUT (tiles of K, strips of OC, MR, NR)
    cdef Py_ssize_t t, o, i, NR = tile_columns(x), places = rows * s.x.w.M
    cdef const real* tap[MR]
    for t from 0 <= t < s.x.taps by MR:
        for i in range(MR):
            tap[i] = x + taps[min(t + i, s.x.taps - 1)]
        for o in range(strips(s.OC, NR)):
            if real is float:
                taps_tile(<const vfloat**> tap, <const vfloat*> g + o * places * NV, s, rows,
                          <vfloat*> out)
            else:
                taps_tile(<const vdouble**> tap, <const vdouble*> g + o * places * NV, s, rows,
                          <vdouble*> out)
            out += MR * NR


cdef void grad_weight(const real* x, const real* g,  # IN
                      real* dw,                      # OUT
                      const Conv* s, Py_ssize_t* taps, real* room) noexcept nogil:
    cdef Py_ssize_t i, j, t, o, top, rows, OW = s.x.w.M, NR = tile_columns(x)
    cdef Py_ssize_t of_group = strips(s.x.taps, MR) * MR * strips(s.OC, NR) * NR
    cdef real* sums = room
    cdef real* image = sums + s.G * of_group
    cdef real* packed = image + s.f.size
    memset(sums, 0, s.G * of_group * sizeof(real))
    offsets(&s.x, &s.f, taps)
    for i in range(s.N):
        for j in range(s.G):
            for top from 0 <= top < s.x.h.M by s.f.rows:
                rows = min(s.f.rows, s.x.h.M - top)
                put_in_frame(x + i * s.image_stride + j * s.x.C * s.x.c_stride, &s.x, &s.f, top,
                             rows, image)
                pack_columns(g + (i * s.G + j) * s.OC * s.x.places + top * OW, s.x.places, 1, s.OC,
                             rows * OW, packed)
                add_products(image, packed, s, taps, rows, sums + j * of_group)
    for j in range(s.G):
        for t in range(s.x.taps):
            for o in range(s.OC):
                dw[(j * s.OC + o) * s.x.taps + t] = sums[
                    j * of_group + ((t // MR * strips(s.OC, NR) + o // NR) * MR + t % MR) * NR
                    + o % NR]


cdef Py_ssize_t grad_weight_room(const Conv* s) noexcept nogil:
    """Elements that grad_weight needs, however wide its strips are."""
    cdef Py_ssize_t filters = s.OC + LANES
    return (s.G * (s.x.taps + MR) * filters + s.f.size + s.f.rows * s.x.w.M * filters)


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
                         cols, &p, False, cols + columns(s))
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
    s.f = frame(&s.x)
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


cdef cnp.ndarray run_forward(const Conv* s, cnp.ndarray x, cnp.ndarray w, int kind):
    """y for x as it lies and w in C order."""
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.OC, s.x.h.M, s.x.w.M]
    cdef cnp.ndarray y = buffers.empty(4, shape, kind)
    cdef cnp.ndarray taps = memory(s.x.taps, cnp.NPY_INTP)
    cdef cnp.ndarray room = memory(filters_size(s) + s.f.size + panel_size(s, <float*> NULL), kind)
    with nogil:
        if kind == cnp.NPY_FLOAT:
            forward(<float*>x.data, <float*>w.data, <float*>y.data, s, <Py_ssize_t*>taps.data,
                    <float*>room.data)
        else:
            forward(<double*>x.data, <double*>w.data, <double*>y.data, s, <Py_ssize_t*>taps.data,
                    <double*>room.data)
    return y


cpdef cnp.ndarray conv2d_forward(cnp.ndarray x, cnp.ndarray w, stride, padding, dilation,
                                 Py_ssize_t groups):
    """y[n, o] = sum over c, i, j of w[o, c, i, j] * x[n, c, S*oh - P + D*i, S*ow - P + D*j]

    x: (N, C, H, W)   w: (OC, C/groups, KH, KW)   y: (N, OC, OH, OW); options are pairs.
    Raises RuntimeError for shapes or dtypes that do not fit, ValueError for impossible options."""
    cdef Conv s
    sizes("conv2d", &s, (<object>x).shape, (<object>w).shape, stride, padding, dilation, groups)
    cdef int kind = doors.floating("conv2d", "x and weight", x, w)
    cdef cnp.npy_intp[4] shape = [s.N, s.G * s.OC, s.x.h.M, s.x.w.M]
    if not (s.N and s.OC and s.x.taps):
        return doors.zeros(4, shape, kind)
    return run_forward(&s, as_it_lies(&s, x), doors.in_order(w), kind)


cdef Conv adjoint(const Conv* s) noexcept nogil:
    """The convolution of g with the rotated filters that gives dx, for a stride of 1."""
    cdef Conv t = s[0]
    t.OC, t.x.C = s.x.C, s.OC
    t.x.h.N, t.x.h.M, t.x.h.P = s.x.h.M, s.x.h.N, s.x.h.D * (s.x.h.K - 1) - s.x.h.P
    t.x.w.N, t.x.w.M, t.x.w.P = s.x.w.M, s.x.w.N, s.x.w.D * (s.x.w.K - 1) - s.x.w.P
    t.x.taps, t.x.places = t.x.C * s.x.h.K * s.x.w.K, s.x.h.N * s.x.w.N
    t.f = frame(&t.x)
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
    if cnp.PyArray_SIZE(g) and s.x.taps and s.x.h.S == 1 and s.x.w.S == 1:
        s = adjoint(&s)
        return run_forward(&s, as_it_lies(&s, g), rotated(w, groups), kind)
    cdef cnp.ndarray dx = doors.zeros(4, shape, kind)
    if cnp.PyArray_SIZE(dx) == 0 or cnp.PyArray_SIZE(g) == 0:
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
    x, g = as_it_lies(&s, x), doors.in_order(g)
    cdef cnp.ndarray taps = memory(s.x.taps, cnp.NPY_INTP)
    cdef cnp.ndarray room = memory(grad_weight_room(&s), kind)
    with nogil:
        if kind == cnp.NPY_FLOAT:
            grad_weight(<float*>x.data, <float*>g.data, <float*>dw.data, &s,
                        <Py_ssize_t*>taps.data, <float*>room.data)
        else:
            grad_weight(<double*>x.data, <double*>g.data, <double*>dw.data, &s,
                        <Py_ssize_t*>taps.data, <double*>room.data)
    return dw
