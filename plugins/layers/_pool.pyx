"""Pooling on NCHW arrays: the tables and doors behind MaxPool2d, AvgPool2d and AdaptiveAvgPool2d.

Each axis is first put into a table that says which pixels each window covers, so that one loop
serves every padding, stride and output size.  Along the rows the table lists runs of windows that
lie evenly: what a loop does with a run, the compiler does with vectors."""

cimport numpy as cnp
from libc.stdint cimport INT32_MAX, int64_t

from plugrad.kernels.base cimport buffers
from plugrad.plugins.layers._pool_planes cimport (
    AVERAGE, GATHER, LARGEST, SCATTER, SPREAD, Pool, Run, Span, each_plane,
)

cnp.import_array()


cdef class Table:
    """A Pool and the memory that its windows lie in."""
    cdef Pool s
    cdef cnp.ndarray memory, runs, divisors

    def __init__(self, shape, Py_ssize_t OH, Py_ssize_t OW):
        N, C, H, W = shape
        self.s.N, self.s.H, self.s.W, self.s.OH, self.s.OW = N * C, H, W, OH, OW
        self.memory = bytes_of((OH + OW) * sizeof(Span))
        self.s.h = <Span*>cnp.PyArray_DATA(self.memory)
        self.s.w = self.s.h + OH

    cdef int find_runs(self) except -1:
        """List the runs along w."""
        cdef Pool* s = &self.s
        cdef Py_ssize_t i, j, pixel, most = 0, pixels = 0
        cdef Run* run
        for j in range(s.OW):
            i = max(<Py_ssize_t> 0, (s.w[j].past - s.w[j].first + s.w[j].step - 1) // s.w[j].step)
            most, pixels = max(most, i), pixels + i
        self.runs = bytes_of(pixels * sizeof(Run))
        s.run = <Run*>cnp.PyArray_DATA(self.runs)
        run = s.run - 1
        for i in range(most):
            for j in range(s.OW):
                pixel = s.w[j].first + i * s.w[j].step
                if pixel >= s.w[j].past:
                    continue
                if (run >= s.run and run.window + run.count == j
                        and (run.count == 1 or pixel == run.pixel + run.count * run.step)):
                    if run.count == 1:
                        run.step = pixel - run.pixel
                    run.count += 1
                else:
                    run += 1
                    run.window, run.count, run.pixel, run.step = j, 1, pixel, 1
        s.runs = run + 1 - s.run
        s.joined = s.OH
        for i in range(s.runs):
            if s.run[i].count < s.OW or s.run[i].step * s.OW != s.W:
                s.joined = 1
        return 0

    cdef int find_divisors(self, int kind) except -1:
        cdef Pool* s = &self.s
        cdef Py_ssize_t i, j
        cdef cnp.npy_intp size = s.OH * s.OW
        self.divisors = buffers.empty(1, &size, kind)
        s.divisor = cnp.PyArray_DATA(self.divisors)
        for i in range(s.OH):
            for j in range(s.OW):
                if kind == cnp.NPY_FLOAT:
                    (<float*> s.divisor)[i * s.OW + j] = <float> s.h[i].count * s.w[j].count
                else:
                    (<double*> s.divisor)[i * s.OW + j] = <double> s.h[i].count * s.w[j].count
        return 0


cdef cnp.ndarray bytes_of(Py_ssize_t count):
    cdef cnp.npy_intp size = count
    return buffers.empty(1, &size, cnp.NPY_UINT8)


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
    t.find_runs()
    return t


cdef Table averaging(tuple shape, kernel, stride, padding, bint ceil_mode, bint count_include_pad,
                     divisor_override, int kind):
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
    t.find_divisors(kind)
    return t


cdef Table adapting(str door, tuple shape, output_size, int kind):
    """The table of adaptive_avg_pool2d and adaptive_max_pool2d."""
    check_shape(door, shape)
    cdef Py_ssize_t OH, OW
    OH, OW = output_size
    if OH < 0 or OW < 0:
        raise ValueError(f"{door}: expected an output size of at least 0, got {(OH, OW)}")
    if shape[2] == 0 or shape[3] == 0:
        raise RuntimeError(f"{door}: expected images with pixels, got {shape}")
    cdef Table t = Table(shape, OH, OW)
    lay_bins(t.s.h, OH, t.s.H)
    lay_bins(t.s.w, OW, t.s.W)
    t.find_runs()
    t.find_divisors(kind)
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


def max_pool2d(cnp.ndarray x, kernel, stride, padding, dilation, bint ceil_mode=False):
    """The largest pixel of each window, and where it lies        x: (N, C, H, W)

    Options are pairs.  Returns values and indices, both (N, C, OH, OW): indices are int64 into the
    H*W pixels of a plane.  Padding is -inf; NaN propagates.  Raises RuntimeError if the kernel does
    not fit into the image, ValueError for impossible options."""
    cdef int kind = floating("max_pool2d", x)
    cdef tuple shape = (<object>x).shape
    return maxima("max_pool2d", x, sliding("max_pool2d", shape, kernel, stride, padding, dilation,
                                           ceil_mode, False), kind)


cdef tuple maxima(str door, cnp.ndarray x, Table t, int kind):
    """The largest pixel of each window in the table, and where it lies."""
    if kind == cnp.NPY_FLOAT and t.s.H * t.s.W > INT32_MAX:
        raise NotImplementedError(f"{door}: expected float32 images of at most {INT32_MAX} "
                                  f"pixels, got {t.s.H} * {t.s.W}; use float64")
    cdef cnp.ndarray y = empty((x.shape[0], x.shape[1], t.s.OH, t.s.OW), kind)
    cdef cnp.ndarray at = buffers.empty_like(y, cnp.NPY_INT64)
    each_plane(LARGEST, &t.s, in_order(x, kind), y, at)
    return y, at


def adaptive_max_pool2d(cnp.ndarray x, output_size):
    """As max_pool2d, over the windows of adaptive_avg_pool2d."""
    cdef int kind = floating("adaptive_max_pool2d", x)
    return maxima("adaptive_max_pool2d", x,
                  adapting("adaptive_max_pool2d", (<object>x).shape, output_size, kind), kind)


cdef cnp.ndarray places(str door, cnp.ndarray indices):
    if not cnp.PyArray_EquivTypenums(cnp.PyArray_TYPE(indices), cnp.NPY_INT64):
        raise TypeError(f"{door}: expected int64 indices, got {indices.dtype}")
    check_shape(door, (<object>indices).shape)
    return in_order(indices, cnp.NPY_INT64)


cdef int check_places(str door, int64_t wrong, Py_ssize_t H, Py_ssize_t W) except -1:
    if wrong != -1:
        raise IndexError(f"{door}: index {wrong} is outside of a plane of {H} * {W} pixels")
    return 0


cdef Pool planes_of(cnp.ndarray indices, Py_ssize_t H, Py_ssize_t W):
    """Windows that only have places."""
    return Pool(N=indices.shape[0] * indices.shape[1], H=H, W=W, OH=indices.shape[2],
                OW=indices.shape[3], runs=0, joined=1, h=NULL, w=NULL, run=NULL,
                divisor=NULL)


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
    cdef cnp.ndarray dx = empty(input_shape, kind)
    cdef Pool s = planes_of(indices, H, W)
    check_places("max_pool2d_backward",
                 each_plane(SCATTER, &s, dx, in_order(g, kind), indices), H, W)
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
    cdef Pool s = planes_of(indices, H, W)
    check_places("max_pool2d_gather", each_plane(GATHER, &s, in_order(x, kind), y, indices), H, W)
    return y


cdef cnp.ndarray mean(cnp.ndarray x, Table t, int kind):
    cdef cnp.ndarray y = empty((x.shape[0], x.shape[1], t.s.OH, t.s.OW), kind)
    each_plane(AVERAGE, &t.s, in_order(x, kind), y, None)
    return y


cdef cnp.ndarray mean_backward(str door, cnp.ndarray g, tuple shape, Table t, int kind):
    check_like(door, g, (shape[0], shape[1], t.s.OH, t.s.OW))
    cdef cnp.ndarray dx = empty(shape, kind)
    each_plane(SPREAD, &t.s, dx, in_order(g, kind), None)
    return dx


def avg_pool2d(cnp.ndarray x, kernel, stride, padding, bint ceil_mode=False,
               bint count_include_pad=True, divisor_override=None):
    """The mean of each window        x: (N, C, H, W)   result: (N, C, OH, OW)

    Options are pairs.  The sum is divided by the window's size, padding included or not, or by
    divisor_override.  Raises as max_pool2d does."""
    cdef int kind = floating("avg_pool2d", x)
    cdef Table t = averaging((<object>x).shape, kernel, stride, padding, ceil_mode,
                             count_include_pad, divisor_override, kind)
    return mean(x, t, kind)


def avg_pool2d_backward(cnp.ndarray g, input_shape, kernel, stride, padding, bint ceil_mode=False,
                        bint count_include_pad=True, divisor_override=None):
    """dL/dx of avg_pool2d        g: (N, C, OH, OW)   result: input_shape (N, C, H, W)"""
    cdef int kind = floating("avg_pool2d_backward", g)
    cdef Table t = averaging(tuple(input_shape), kernel, stride, padding, ceil_mode,
                             count_include_pad, divisor_override, kind)
    return mean_backward("avg_pool2d_backward", g, tuple(input_shape), t, kind)


def adaptive_avg_pool2d(cnp.ndarray x, output_size):
    """The mean of windows that cover the image, as many as output_size (OH, OW) says

    Window i has the pixels from floor(i * H / OH) to ceil((i + 1) * H / OH).
    x: (N, C, H, W)   result: (N, C, OH, OW)"""
    cdef int kind = floating("adaptive_avg_pool2d", x)
    cdef Table t = adapting("adaptive_avg_pool2d", (<object>x).shape, output_size, kind)
    return mean(x, t, kind)


def adaptive_avg_pool2d_backward(cnp.ndarray g, input_shape):
    """dL/dx of adaptive_avg_pool2d        g: (N, C, OH, OW)   result: input_shape (N, C, H, W)"""
    cdef int kind = floating("adaptive_avg_pool2d_backward", g)
    check_shape("adaptive_avg_pool2d_backward", (<object>g).shape)
    cdef Table t = adapting("adaptive_avg_pool2d_backward", tuple(input_shape),
                            (g.shape[2], g.shape[3]), kind)
    return mean_backward("adaptive_avg_pool2d_backward", g, tuple(input_shape), t, kind)
