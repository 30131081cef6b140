"""Pooling on NCHW arrays: the loops behind MaxPool2d, AvgPool2d and AdaptiveAvgPool2d.

Each axis is first put into a table that says which pixels each window covers, so that one loop
serves every padding, stride and output size."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from plugrad.kernels cimport buffers

cnp.import_array()

ctypedef fused real:
    float
    double

# A window along one axis: the pixels first, first + step, ... before past; none if first >= past.
cdef struct Span:
    Py_ssize_t first, past, step
    Py_ssize_t count           # what the average along this axis divides by

# All windows of N planes: H x W pixels, OH x OW windows.
cdef struct Pool:
    Py_ssize_t N, H, W, OH, OW
    Span* h
    Span* w


cdef class Table:
    """A Pool and the memory that its windows lie in."""
    cdef Pool s
    cdef cnp.ndarray memory

    def __init__(self, shape, Py_ssize_t OH, Py_ssize_t OW):
        cdef cnp.npy_intp size = (OH + OW) * sizeof(Span)
        self.memory = buffers.empty(1, &size, cnp.NPY_UINT8)
        N, C, H, W = shape
        self.s.N, self.s.H, self.s.W, self.s.OH, self.s.OW = N * C, H, W, OH, OW
        self.s.h = <Span*>cnp.PyArray_DATA(self.memory)
        self.s.w = self.s.h + OH


cdef void largest(const real* x,                  # IN  (N, H, W)
                  real* y, int64_t* at,           # OUT (N, OH, OW)
                  const Pool* s) noexcept nogil:
    """The largest pixel of each window and its place in the plane, the first of equals.  A NaN is
    larger than anything, the last one counts.  A window without a pixel gives -inf at -1."""
    cdef Py_ssize_t _, i, j, h, w, place
    cdef Span a, b
    cdef real best, v
    for _ in range(s.N):
        for i in range(s.OH):
            a = s.h[i]
            for j in range(s.OW):
                b = s.w[j]
                best = -INFINITY
                place = a.first * s.W + b.first if a.first < a.past and b.first < b.past else -1
                for h from a.first <= h < a.past by a.step:
                    for w from b.first <= w < b.past by b.step:
                        v = x[h * s.W + w]
                        if v > best or v != v:
                            best = v
                            place = h * s.W + w
                y[0], at[0] = best, place
                y += 1
                at += 1
        x += s.H * s.W


cdef int64_t scatter(const real* g, const int64_t* at,  # IN  (N, L)
                     real* dx,                          # OUT (N, area), zeros at first
                     Py_ssize_t N, Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """dx[n, at[n, l]] += g[n, l]; -1 is no place.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t _, i
    for _ in range(N):
        for i in range(L):
            if not -1 <= at[i] < area:
                return at[i]
            if at[i] >= 0:
                dx[at[i]] += g[i]
        g += L
        at += L
        dx += area
    return -1


cdef int64_t gather(const real* x,                # IN  (N, area)
                    const int64_t* at,            # IN  (N, L)
                    real* y,                      # OUT (N, L)
                    Py_ssize_t N, Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """y[n, l] = x[n, at[n, l]]; zero where at is -1.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t _, i
    for _ in range(N):
        for i in range(L):
            if not -1 <= at[i] < area:
                return at[i]
            y[i] = x[at[i]] if at[i] >= 0 else 0
        y += L
        at += L
        x += area
    return -1


cdef void average(const real* x,                  # IN  (N, H, W)
                  real* y,                        # OUT (N, OH, OW)
                  const Pool* s) noexcept nogil:
    """The sum of each window over its count."""
    cdef Py_ssize_t _, i, j, h, w
    cdef Span a, b
    cdef real total
    for _ in range(s.N):
        for i in range(s.OH):
            a = s.h[i]
            for j in range(s.OW):
                b = s.w[j]
                total = 0
                for h in range(a.first, a.past):
                    for w in range(b.first, b.past):
                        total += x[h * s.W + w]
                y[0] = total / (a.count * b.count)
                y += 1
        x += s.H * s.W


cdef void spread(const real* g,                   # IN  (N, OH, OW)
                 real* dx,                        # OUT (N, H, W), zeros at first
                 const Pool* s) noexcept nogil:
    """The transpose of average: each pixel of a window gets its share of g."""
    cdef Py_ssize_t _, i, j, h, w
    cdef Span a, b
    cdef real share
    for _ in range(s.N):
        for i in range(s.OH):
            a = s.h[i]
            for j in range(s.OW):
                b = s.w[j]
                share = g[0] / (a.count * b.count)
                for h in range(a.first, a.past):
                    for w in range(b.first, b.past):
                        dx[h * s.W + w] += share
                g += 1
        dx += s.H * s.W


cdef Py_ssize_t positions(str door, Py_ssize_t size, Py_ssize_t K, Py_ssize_t S, Py_ssize_t P,
                          Py_ssize_t D, bint ceil_mode) except -1:
    """How many windows fit along an axis, by PyTorch's rule: with ceil_mode a last window may reach
    over the end, if it starts inside the image or the padding before it."""
    cdef Py_ssize_t room = size + 2 * P - D * (K - 1) - 1, count = 0
    if K < 1 or S < 1 or D < 1 or P < 0 or P > K // 2:
        raise ValueError(
            f"{door}: expected kernel, stride and dilation of at least 1 and a padding from 0 to "
            f"half of the kernel; got kernel {K}, stride {S}, padding {P}, dilation {D}")
    if ceil_mode:
        room += S - 1
    if room >= 0:
        count = room // S + 1
    if ceil_mode and (count - 1) * S >= size + P:
        count -= 1
    if size < 1 or count < 1:
        raise RuntimeError(
            f"{door}: a kernel of {K} with dilation {D} does not fit into an image of {size} with "
            f"padding {P}; pool less or pad more")
    return count


cdef void lay_windows(Span* s, Py_ssize_t count, Py_ssize_t size, Py_ssize_t K, Py_ssize_t S,
                      Py_ssize_t P, Py_ssize_t D, bint count_padding) noexcept:
    """The pixels of each window of a sliding kernel."""
    cdef Py_ssize_t i, start, end
    for i in range(count):
        start = i * S - P
        end = min(start + D * (K - 1) + 1, size + P)
        s[i].first = start if start >= 0 else start + (D - 1 - start) // D * D
        s[i].past = min(end, size)
        s[i].step = D
        s[i].count = end - start if count_padding else s[i].past - s[i].first


cdef void lay_bins(Span* s, Py_ssize_t count, Py_ssize_t size) noexcept:
    """`count` windows of nearly equal size that cover the axis."""
    cdef Py_ssize_t i
    for i in range(count):
        s[i].first = i * size // count
        s[i].past = ((i + 1) * size + count - 1) // count
        s[i].step = 1
        s[i].count = s[i].past - s[i].first


cdef Table sliding(str door, tuple shape, kernel, stride, padding, dilation, bint ceil_mode,
                   bint count_padding):
    """The table of a kernel that slides over images of this shape."""
    check_shape(door, shape)
    cdef Py_ssize_t KH, KW, SH, SW, PH, PW, DH, DW
    (KH, KW), (SH, SW), (PH, PW), (DH, DW) = kernel, stride, padding, dilation
    cdef Table t = Table(shape, positions(door, shape[2], KH, SH, PH, DH, ceil_mode),
                         positions(door, shape[3], KW, SW, PW, DW, ceil_mode))
    lay_windows(t.s.h, t.s.OH, t.s.H, KH, SH, PH, DH, count_padding)
    lay_windows(t.s.w, t.s.OW, t.s.W, KW, SW, PW, DW, count_padding)
    return t


cdef Table averaging(tuple shape, kernel, stride, padding, bint ceil_mode, bint count_include_pad,
                     divisor_override):
    """The table of avg_pool2d."""
    cdef Py_ssize_t i, divisor
    cdef Table t = sliding("avg_pool2d", shape, kernel, stride, padding, (1, 1), ceil_mode,
                           count_include_pad)
    if divisor_override is not None:
        divisor = divisor_override
        if divisor == 0:
            raise ValueError("avg_pool2d: divisor_override must not be zero")
        for i in range(t.s.OH):
            t.s.h[i].count = divisor
        for i in range(t.s.OW):
            t.s.w[i].count = 1
    return t


cdef Table adapting(tuple shape, output_size):
    """The table of adaptive_avg_pool2d."""
    check_shape("adaptive_avg_pool2d", shape)
    cdef Py_ssize_t OH, OW
    OH, OW = output_size
    if OH < 0 or OW < 0:
        raise ValueError(f"adaptive_avg_pool2d: expected an output size of at least 0, got "
                         f"{(OH, OW)}")
    if shape[2] == 0 or shape[3] == 0:
        raise RuntimeError(f"adaptive_avg_pool2d: expected images with pixels, got {shape}")
    cdef Table t = Table(shape, OH, OW)
    lay_bins(t.s.h, OH, t.s.H)
    lay_bins(t.s.w, OW, t.s.W)
    return t


cdef int check_shape(str door, tuple shape) except -1:
    if len(shape) != 4:
        raise RuntimeError(f"{door}: expected images (N, C, H, W), got {shape}")
    return 0


cdef int check_like(str door, cnp.ndarray g, tuple expected) except -1:
    if (<object>g).shape != expected:
        raise RuntimeError(f"{door}: expected a gradient of the result's shape, {expected}, got "
                           f"{(<object>g).shape}")
    return 0


cdef int floating(str door, cnp.ndarray x) except -1:
    """x's type number.  Raises NotImplementedError if it is not float32 or float64."""
    cdef int kind = cnp.PyArray_TYPE(x)
    if kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE:
        raise NotImplementedError(f"{door}: expected float32 or float64, got {x.dtype}")
    return kind


cdef cnp.ndarray in_order(cnp.ndarray a, int kind):
    """a, or a copy of it, in C order and native byte order."""
    return cnp.PyArray_FROM_OTF(a, kind, cnp.NPY_ARRAY_CARRAY_RO)


cdef cnp.ndarray empty(shape, int kind):
    cdef cnp.npy_intp[4] sizes = shape
    return buffers.empty(4, sizes, kind)


cdef cnp.ndarray zeros(shape, int kind):
    cdef cnp.ndarray a = empty(shape, kind)
    memset(cnp.PyArray_DATA(a), 0, cnp.PyArray_NBYTES(a))
    return a


def max_pool2d(cnp.ndarray x, kernel, stride, padding, dilation, bint ceil_mode=False):
    """The largest pixel of each window, and where it lies        x: (N, C, H, W)

    Options are pairs.  Returns values and indices, both (N, C, OH, OW): indices are int64 into the
    H*W pixels of a plane.  Padding is -inf; NaN propagates.  Raises RuntimeError if the kernel does
    not fit into the image, ValueError for impossible options."""
    cdef int kind = floating("max_pool2d", x)
    cdef tuple shape = (<object>x).shape
    cdef Table t = sliding("max_pool2d", shape, kernel, stride, padding, dilation, ceil_mode, False)
    cdef cnp.ndarray y = empty((shape[0], shape[1], t.s.OH, t.s.OW), kind)
    cdef cnp.ndarray at = buffers.empty_like(y, cnp.NPY_INT64)
    x = in_order(x, kind)
    if cnp.PyArray_SIZE(y):
        with nogil:
            if kind == cnp.NPY_FLOAT:
                largest(<float*>x.data, <float*>y.data, <int64_t*>at.data, &t.s)
            else:
                largest(<double*>x.data, <double*>y.data, <int64_t*>at.data, &t.s)
    return y, at


cdef cnp.ndarray places(str door, cnp.ndarray indices):
    if not cnp.PyArray_EquivTypenums(cnp.PyArray_TYPE(indices), cnp.NPY_INT64):
        raise TypeError(f"{door}: expected int64 indices, got {indices.dtype}")
    check_shape(door, (<object>indices).shape)
    return in_order(indices, cnp.NPY_INT64)


cdef int check_places(str door, int64_t wrong, Py_ssize_t H, Py_ssize_t W) except -1:
    if wrong != -1:
        raise IndexError(f"{door}: index {wrong} is outside of a plane of {H} * {W} pixels")
    return 0


def max_pool2d_backward(cnp.ndarray g, cnp.ndarray indices, input_shape):
    """dL/dx of max_pool2d: each g goes to the pixel it came from.

    g, indices: (N, C, OH, OW)   result: input_shape (N, C, H, W).  Raises IndexError for an index
    outside of its plane."""
    cdef int kind = floating("max_pool2d_backward", g)
    check_shape("max_pool2d_backward", tuple(input_shape))
    cdef Py_ssize_t N, C, H, W
    N, C, H, W = input_shape
    indices = places("max_pool2d_backward", indices)
    check_like("max_pool2d_backward", g, (N, C, indices.shape[2], indices.shape[3]))
    check_like("max_pool2d_backward", g, (<object>indices).shape)
    cdef cnp.ndarray dx = zeros(input_shape, kind)
    cdef Py_ssize_t L = indices.shape[2] * indices.shape[3]
    cdef int64_t wrong = -1
    g = in_order(g, kind)
    if cnp.PyArray_SIZE(g):
        with nogil:
            if kind == cnp.NPY_FLOAT:
                wrong = scatter(<float*>g.data, <int64_t*>indices.data, <float*>dx.data,
                                N * C, L, H * W)
            else:
                wrong = scatter(<double*>g.data, <int64_t*>indices.data, <double*>dx.data,
                                N * C, L, H * W)
    check_places("max_pool2d_backward", wrong, H, W)
    return dx


def max_pool2d_gather(cnp.ndarray x, cnp.ndarray indices):
    """y[n, c, i, j] = x[n, c] at indices[n, c, i, j]: the transpose of max_pool2d_backward.

    x: (N, C, H, W)   indices, result: (N, C, OH, OW).  Raises IndexError for an index outside of
    its plane."""
    cdef int kind = floating("max_pool2d_gather", x)
    check_shape("max_pool2d_gather", (<object>x).shape)
    cdef Py_ssize_t N, C, H, W
    N, C, H, W = (<object>x).shape
    indices = places("max_pool2d_gather", indices)
    if indices.shape[0] != N or indices.shape[1] != C:
        raise RuntimeError(f"max_pool2d_gather: expected indices for each plane of "
                           f"{(<object>x).shape}, got {(<object>indices).shape}")
    cdef cnp.ndarray y = buffers.empty_like(indices, kind)
    cdef Py_ssize_t L = indices.shape[2] * indices.shape[3]
    cdef int64_t wrong = -1
    x = in_order(x, kind)
    if cnp.PyArray_SIZE(y):
        with nogil:
            if kind == cnp.NPY_FLOAT:
                wrong = gather(<float*>x.data, <int64_t*>indices.data, <float*>y.data,
                               N * C, L, H * W)
            else:
                wrong = gather(<double*>x.data, <int64_t*>indices.data, <double*>y.data,
                               N * C, L, H * W)
    check_places("max_pool2d_gather", wrong, H, W)
    return y


cdef cnp.ndarray mean(cnp.ndarray x, Table t, int kind):
    cdef cnp.ndarray y = empty((x.shape[0], x.shape[1], t.s.OH, t.s.OW), kind)
    x = in_order(x, kind)
    if cnp.PyArray_SIZE(y):
        with nogil:
            if kind == cnp.NPY_FLOAT:
                average(<float*>x.data, <float*>y.data, &t.s)
            else:
                average(<double*>x.data, <double*>y.data, &t.s)
    return y


cdef cnp.ndarray mean_backward(str door, cnp.ndarray g, tuple shape, Table t, int kind):
    check_like(door, g, (shape[0], shape[1], t.s.OH, t.s.OW))
    cdef cnp.ndarray dx = zeros(shape, kind)
    g = in_order(g, kind)
    if cnp.PyArray_SIZE(g):
        with nogil:
            if kind == cnp.NPY_FLOAT:
                spread(<float*>g.data, <float*>dx.data, &t.s)
            else:
                spread(<double*>g.data, <double*>dx.data, &t.s)
    return dx


def avg_pool2d(cnp.ndarray x, kernel, stride, padding, bint ceil_mode=False,
               bint count_include_pad=True, divisor_override=None):
    """The mean of each window        x: (N, C, H, W)   result: (N, C, OH, OW)

    Options are pairs.  The sum is divided by the window's size, padding included or not, or by
    divisor_override.  Raises as max_pool2d does."""
    cdef int kind = floating("avg_pool2d", x)
    cdef Table t = averaging((<object>x).shape, kernel, stride, padding, ceil_mode,
                             count_include_pad, divisor_override)
    return mean(x, t, kind)


def avg_pool2d_backward(cnp.ndarray g, input_shape, kernel, stride, padding, bint ceil_mode=False,
                        bint count_include_pad=True, divisor_override=None):
    """dL/dx of avg_pool2d        g: (N, C, OH, OW)   result: input_shape (N, C, H, W)"""
    cdef int kind = floating("avg_pool2d_backward", g)
    cdef Table t = averaging(tuple(input_shape), kernel, stride, padding, ceil_mode,
                             count_include_pad, divisor_override)
    return mean_backward("avg_pool2d_backward", g, tuple(input_shape), t, kind)


def adaptive_avg_pool2d(cnp.ndarray x, output_size):
    """The mean of windows that cover the image, as many as output_size (OH, OW) says

    Window i has the pixels from floor(i * H / OH) to ceil((i + 1) * H / OH).
    x: (N, C, H, W)   result: (N, C, OH, OW)"""
    cdef int kind = floating("adaptive_avg_pool2d", x)
    cdef Table t = adapting((<object>x).shape, output_size)
    return mean(x, t, kind)


def adaptive_avg_pool2d_backward(cnp.ndarray g, input_shape):
    """dL/dx of adaptive_avg_pool2d        g: (N, C, OH, OW)   result: input_shape (N, C, H, W)"""
    cdef int kind = floating("adaptive_avg_pool2d_backward", g)
    check_shape("adaptive_avg_pool2d_backward", (<object>g).shape)
    cdef Table t = adapting(tuple(input_shape), (g.shape[2], g.shape[3]))
    return mean_backward("adaptive_avg_pool2d_backward", g, tuple(input_shape), t, kind)
