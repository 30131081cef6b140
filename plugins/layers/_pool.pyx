"""Pooling on NCHW arrays: the loops behind MaxPool2d, AvgPool2d and AdaptiveAvgPool2d.

Each axis is first put into a table that says which pixels each window covers, so that one loop
serves every padding, stride and output size.  Along the rows the table lists runs of windows that
lie evenly: what a loop does with a run, the compiler does with vectors."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport INT32_MAX, int32_t, int64_t
from libc.string cimport memset

from plugrad.kernels cimport buffers
from plugrad.kernels.threads cimport LIGHT, share, threads_for

cnp.import_array()

ctypedef fused real:
    float
    double

cdef enum:
    PIECE = 1 << 14            # pixels that a thread takes at once
    APART = 16                 # elements between two threads' scratch memory

# A window along one axis: the pixels first, first + step, ... before past; none if first >= past.
cdef struct Span:
    Py_ssize_t first, past, step
    Py_ssize_t count           # what the average along this axis divides by

# Neighboring windows, each with one pixel of it: `step` apart.
cdef struct Run:
    Py_ssize_t window, count
    Py_ssize_t pixel, step

# All windows of N planes: H x W pixels, OH x OW windows.
cdef struct Pool:
    Py_ssize_t N, H, W, OH, OW, runs
    Py_ssize_t joined          # rows that each run goes on through: 1 or OH
    Span* h
    Span* w
    Run* run                   # along w: every pixel of every window once, a window's in order
    double* divisor            # OH x OW

cdef enum What:
    LARGEST, SCATTER, GATHER, AVERAGE, SPREAD

# What the threads share: planes of pixels, planes of windows, and where each window's pixel lies.
cdef struct Job:
    const Pool* s
    What what
    void* pixels
    void* windows
    int64_t* at
    int64_t* wrong             # of each piece: a place that is no pixel, or -1
    void* rows                 # scratch memory of each thread
    Py_ssize_t planes          # of a piece
    int kind


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

    cdef int find_divisors(self) except -1:
        cdef Pool* s = &self.s
        cdef Py_ssize_t i, j
        self.divisors = bytes_of(s.OH * s.OW * sizeof(double))
        s.divisor = <double*>cnp.PyArray_DATA(self.divisors)
        for i in range(s.OH):
            for j in range(s.OW):
                s.divisor[i * s.OW + j] = <double> s.h[i].count * s.w[j].count
        return 0


cdef cnp.ndarray bytes_of(Py_ssize_t count):
    cdef cnp.npy_intp size = count
    return buffers.empty(1, &size, cnp.NPY_UINT8)


# ---------------------------------------------------------------------------------------- one plane

cdef inline void choose(const real* x, real* best, real* place, Py_ssize_t first, Py_ssize_t step,
                        Py_ssize_t count) noexcept nogil:
    """Put x, x + step, ... where they beat the best so far, and their places: whole numbers as wide
    as a real, so that both fit into vectors alike."""
    cdef Py_ssize_t j
    cdef real v
    cdef bint better
    cdef int32_t* near = <int32_t*> place
    cdef int64_t* far = <int64_t*> place
    for j in range(count):
        v = x[j * step]
        if real is float:
            better = (v > best[j]) | (v != v) | (near[j] < 0)
            near[j] = <int32_t> (first + j * step) if better else near[j]
        else:
            better = (v > best[j]) | (v != v) | (far[j] < 0)
            far[j] = first + j * step if better else far[j]
        best[j] = v if better else best[j]


cdef inline void largest(const real* x,           # IN  (H, W)
                         real* y, int64_t* at,    # OUT (OH, OW)
                         const Pool* s, real* place) noexcept nogil:
    """The largest pixel of each window and its place in the plane, the first of equals.  A NaN is
    larger than anything, the last one counts.  A window without a pixel gives -inf at -1."""
    cdef Py_ssize_t i, j, h, start
    cdef const Run* r
    cdef const Run* end = s.run + s.runs
    for i in range(s.OH):
        for j in range(s.OW):
            y[j] = -INFINITY
        memset(place, -1, s.OW * sizeof(real))
        for h from s.h[i].first <= h < s.h[i].past by s.h[i].step:
            start, r = h * s.W, s.run
            while r < end:
                if r.step == 1:
                    choose(x + start + r.pixel, y + r.window, place + r.window, start + r.pixel, 1,
                           r.count)
                elif r.step == 2:
                    choose(x + start + r.pixel, y + r.window, place + r.window, start + r.pixel, 2,
                           r.count)
                else:
                    choose(x + start + r.pixel, y + r.window, place + r.window, start + r.pixel,
                           r.step, r.count)
                r += 1
        for j in range(s.OW):
            at[j] = (<int32_t*> place)[j] if real is float else (<int64_t*> place)[j]
        y += s.OW
        at += s.OW


cdef inline int64_t scatter(const real* g, const int64_t* at,  # IN  (L,)
                            real* dx,                          # OUT (area,)
                            Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """dx[at[l]] += g[l]; -1 is no place.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t i
    memset(dx, 0, area * sizeof(real))
    for i in range(L):
        if not -1 <= at[i] < area:
            return at[i]
        if at[i] >= 0:
            dx[at[i]] += g[i]
    return -1


cdef inline int64_t gather(const real* x,         # IN  (area,)
                           const int64_t* at,     # IN  (L,)
                           real* y,               # OUT (L,)
                           Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """y[l] = x[at[l]]; zero where at is -1.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t i
    for i in range(L):
        if not -1 <= at[i] < area:
            return at[i]
        y[i] = x[at[i]] if at[i] >= 0 else 0
    return -1


cdef inline void plus(const real* x, real* y, Py_ssize_t n) noexcept nogil:
    """y += x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] += x[i]


cdef inline void plus_every(const real* x, Py_ssize_t step, real* y, Py_ssize_t n) noexcept nogil:
    """y += every step-th of x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] += x[i * step]


cdef inline void plus_to_every(const real* x, real* y, Py_ssize_t step,
                               Py_ssize_t n) noexcept nogil:
    """Every step-th of y += x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i * step] += x[i]


cdef inline void average(const real* x,           # IN  (H, W)
                         real* y,                 # OUT (OH, OW)
                         const Pool* s, real* sums) noexcept nogil:
    """The sum of each window over its divisor: first down the rows, then along them."""
    cdef Py_ssize_t i, h, count
    cdef const Run* r
    memset(sums, 0, s.OH * s.W * sizeof(real))
    for i in range(s.OH):
        for h in range(s.h[i].first, s.h[i].past):
            plus(x + h * s.W, sums + i * s.W, s.W)
    memset(y, 0, s.OH * s.OW * sizeof(real))
    for i from 0 <= i < s.OH by s.joined:
        for r in s.run[:s.runs]:
            count = r.count * s.joined
            if r.step == 1:
                plus_every(sums + i * s.W + r.pixel, 1, y + i * s.OW + r.window, count)
            elif r.step == 2:
                plus_every(sums + i * s.W + r.pixel, 2, y + i * s.OW + r.window, count)
            else:
                plus_every(sums + i * s.W + r.pixel, r.step, y + i * s.OW + r.window, count)
    for i in range(s.OH * s.OW):
        y[i] /= <real> s.divisor[i]


cdef inline void spread(const real* g,            # IN  (OH, OW)
                        real* dx,                 # OUT (H, W)
                        const Pool* s, real* sums) noexcept nogil:
    """The transpose of average: each pixel of a window gets its share of g."""
    cdef Py_ssize_t i, h
    cdef real* shares = sums + s.OH * s.W
    cdef const Run* r
    for i in range(s.OH * s.OW):
        shares[i] = g[i] / <real> s.divisor[i]
    memset(sums, 0, s.OH * s.W * sizeof(real))
    for i from 0 <= i < s.OH by s.joined:
        for r in s.run[:s.runs]:
            plus_to_every(shares + i * s.OW + r.window, sums + i * s.W + r.pixel, r.step,
                          r.count * s.joined)
    memset(dx, 0, s.H * s.W * sizeof(real))
    for i in range(s.OH):
        for h in range(s.h[i].first, s.h[i].past):
            plus(sums + i * s.W, dx + h * s.W, s.W)


# --------------------------------------------------------------------------------------- all planes

cdef inline int64_t plane(const Job* job, Py_ssize_t n, real* row) noexcept nogil:
    """One plane.  Gives -1, or a place that is no pixel."""
    cdef const Pool* s = job.s
    cdef Py_ssize_t area = s.H * s.W, L = s.OH * s.OW
    cdef real* x = <real*> job.pixels + n * area
    cdef real* y = <real*> job.windows + n * L
    cdef int64_t* at = job.at + n * L
    if job.what == LARGEST:
        largest(x, y, at, s, row)
    elif job.what == SCATTER:
        return scatter(y, at, x, L, area)
    elif job.what == GATHER:
        return gather(x, at, y, L, area)
    elif job.what == AVERAGE:
        average(x, y, s, row)
    else:
        spread(y, x, s, row)
    return -1


cdef inline Py_ssize_t row_size(const Pool* s) noexcept nogil:
    return s.OH * (s.W + s.OW) + APART


cdef void planes(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    cdef Py_ssize_t n, size = row_size(job.s)
    cdef int64_t wrong
    for n in range(number * job.planes, min(job.s.N, (number + 1) * job.planes)):
        if job.kind == cnp.NPY_FLOAT:
            wrong = plane(job, n, <float*> job.rows + thread * size)
        else:
            wrong = plane(job, n, <double*> job.rows + thread * size)
        if wrong != -1:
            job.wrong[number] = wrong
            return


cdef int64_t run(What what, const Pool* s, cnp.ndarray pixels, cnp.ndarray windows,
                 cnp.ndarray at) except? -2:
    """Do this with every plane.  Gives -1, or a place in `at` that is no pixel."""
    cdef Job job
    cdef Py_ssize_t pieces, i, area = s.H * s.W
    job.s, job.what, job.kind = s, what, cnp.PyArray_TYPE(pixels)
    job.pixels, job.windows = pixels.data, windows.data
    job.at = <int64_t*> at.data if at is not None else NULL
    job.planes = max(<Py_ssize_t> 1, PIECE // max(<Py_ssize_t> 1, area, s.OH * s.OW))
    pieces = (s.N + job.planes - 1) // job.planes
    cdef int threads = threads_for(pieces, s.N * (area + 2 * s.OH * s.OW) // LIGHT)
    cdef cnp.ndarray rows = bytes_of(threads * row_size(s) * cnp.PyArray_ITEMSIZE(pixels))
    cdef cnp.ndarray wrong = bytes_of(pieces * sizeof(int64_t))
    job.rows, job.wrong = rows.data, <int64_t*> wrong.data
    with nogil:
        memset(job.wrong, -1, pieces * sizeof(int64_t))
        share(planes, &job, pieces, threads)
        for i in range(pieces):
            if job.wrong[i] != -1:
                return job.wrong[i]
    return -1


# ------------------------------------------------------------------------------------------- tables

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
    t.find_divisors()
    return t


cdef Table adapting(str door, tuple shape, output_size):
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
    t.find_divisors()
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
    run(LARGEST, &t.s, in_order(x, kind), y, at)
    return y, at


def adaptive_max_pool2d(cnp.ndarray x, output_size):
    """As max_pool2d, over the windows of adaptive_avg_pool2d."""
    cdef int kind = floating("adaptive_max_pool2d", x)
    return maxima("adaptive_max_pool2d", x,
                  adapting("adaptive_max_pool2d", (<object>x).shape, output_size), kind)


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
    check_places("max_pool2d_backward", run(SCATTER, &s, dx, in_order(g, kind), indices), H, W)
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
    check_places("max_pool2d_gather", run(GATHER, &s, in_order(x, kind), y, indices), H, W)
    return y


cdef cnp.ndarray mean(cnp.ndarray x, Table t, int kind):
    cdef cnp.ndarray y = empty((x.shape[0], x.shape[1], t.s.OH, t.s.OW), kind)
    run(AVERAGE, &t.s, in_order(x, kind), y, None)
    return y


cdef cnp.ndarray mean_backward(str door, cnp.ndarray g, tuple shape, Table t, int kind):
    check_like(door, g, (shape[0], shape[1], t.s.OH, t.s.OW))
    cdef cnp.ndarray dx = empty(shape, kind)
    run(SPREAD, &t.s, dx, in_order(g, kind), None)
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
    cdef Table t = adapting("adaptive_avg_pool2d", (<object>x).shape, output_size)
    return mean(x, t, kind)


def adaptive_avg_pool2d_backward(cnp.ndarray g, input_shape):
    """dL/dx of adaptive_avg_pool2d        g: (N, C, OH, OW)   result: input_shape (N, C, H, W)"""
    cdef int kind = floating("adaptive_avg_pool2d_backward", g)
    check_shape("adaptive_avg_pool2d_backward", (<object>g).shape)
    cdef Table t = adapting("adaptive_avg_pool2d_backward", tuple(input_shape),
                            (g.shape[2], g.shape[3]))
    return mean_backward("adaptive_avg_pool2d_backward", g, tuple(input_shape), t, kind)
