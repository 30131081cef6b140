"""Sliding windows as the columns of a matrix, im2col (Chellapilla et al., 2006), and its transpose.

cols[(c, i, j), (oh, ow)] = x[c, S*oh - P + D*i, S*ow - P + D*j]"""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.panels cimport copy_every
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef Py_ssize_t MOST = (1 << 31) - 1

cdef enum:
    COLUMNS = 1 << 18    # elements of a column matrix, 1 or 2 MiB, unless one output row has more


cdef void im2col(const real* x,                    # IN  (C, H, W)
                 const Windows* s, Py_ssize_t top, Py_ssize_t rows,
                 real* cols) noexcept nogil:       # OUT (C*KH*KW, rows*OW)
    """The windows in output rows top to top + rows as columns."""
    cdef Py_ssize_t c, i, j, y, oh, ow, lo, hi, step = s.w.S * s.w_stride
    cdef const real* pixel
    for c in range(s.C):
        for i in range(s.h.K):
            for j in range(s.w.K):
                lo, hi = first(&s.w, j), past(&s.w, j)
                for oh in range(top, top + rows):
                    y = oh * s.h.S - s.h.P + i * s.h.D
                    if y < 0 or y >= s.h.N:
                        memset(cols, 0, s.w.M * sizeof(real))
                    else:
                        pixel = (x + c * s.c_stride + y * s.h_stride
                                 + (lo * s.w.S - s.w.P + j * s.w.D) * s.w_stride)
                        for ow in range(lo):
                            cols[ow] = 0
                        copy_every(pixel, step, max(<Py_ssize_t> 0, hi - lo), cols + lo)
                        for ow in range(hi, s.w.M):
                            cols[ow] = 0
                    cols += s.w.M


cdef void col2im(const real* cols,                 # IN  (C*KH*KW, rows*OW)
                 const Windows* s, Py_ssize_t top, Py_ssize_t rows,
                 real* x) noexcept nogil:          # OUT (C, H, W), added to
    """The transpose of im2col: each pixel gets the sum of its places in the columns."""
    cdef Py_ssize_t c, i, j, y, oh, ow, lo, hi, step = s.w.S * s.w_stride
    cdef real* pixel
    for c in range(s.C):
        for i in range(s.h.K):
            for j in range(s.w.K):
                lo, hi = first(&s.w, j), past(&s.w, j)
                for oh in range(top, top + rows):
                    y = oh * s.h.S - s.h.P + i * s.h.D
                    if 0 <= y < s.h.N:
                        pixel = (x + c * s.c_stride + y * s.h_stride
                                 + (lo * s.w.S - s.w.P + j * s.w.D) * s.w_stride)
                        if step == 1:
                            for ow in range(hi - lo):
                                pixel[ow] += cols[lo + ow]
                        else:
                            for ow in range(hi - lo):
                                pixel[ow * step] += cols[lo + ow]
                    cols += s.w.M


cdef int pair(str door, str name, value, Py_ssize_t low, Py_ssize_t* h, Py_ssize_t* w) except -1:
    """Read an option (height, width)."""
    try:
        h[0], w[0] = value
    except (TypeError, ValueError):
        raise TypeError(f"{door}: expected {name} as a pair of integers, got {value!r}") from None
    if h[0] < low or w[0] < low:
        raise ValueError(f"{door}: expected {name} of at least {low}, got {tuple(value)}")
    if h[0] > MOST or w[0] > MOST:      # sums and products of two stay below 2 ** 63
        raise ValueError(f"{door}: expected {name} of at most {MOST}, got {tuple(value)}")
    return 0


cdef bint count(Axis* s) noexcept:
    """Set M; false if not one window fits into the image."""
    cdef Py_ssize_t room = s.N + 2 * s.P - s.D * (s.K - 1) - 1
    s.M = 0 if room < 0 else room // s.S + 1
    return s.M > 0


cdef int windows(str door, Windows* s, Py_ssize_t C, image, kernel, stride, padding,
                 dilation) except -1:
    """Fill in all sizes, for planes in C order.  Raises ValueError for impossible options,
    RuntimeError if the kernel does not fit into the image."""
    pair(door, "an image size", image, 0, &s.h.N, &s.w.N)
    pair(door, "a kernel size", kernel, 1, &s.h.K, &s.w.K)
    pair(door, "a stride", stride, 1, &s.h.S, &s.w.S)
    pair(door, "a padding", padding, 0, &s.h.P, &s.w.P)
    pair(door, "a dilation", dilation, 1, &s.h.D, &s.w.D)
    if not (count(&s.h) and count(&s.w)):
        raise RuntimeError(
            f"{door}: a kernel of {tuple(kernel)} with dilation {tuple(dilation)} does not fit "
            f"into an image of {tuple(image)} with padding {tuple(padding)}; pad more")
    s.C, s.c_stride, s.h_stride, s.w_stride = C, s.h.N * s.w.N, s.w.N, 1
    s.taps, s.places = C * s.h.K * s.w.K, s.h.M * s.w.M
    s.rows = min(s.h.M, max(1, COLUMNS // max(1, s.taps * s.w.M)))
    return 0


cpdef cnp.ndarray unfold(cnp.ndarray x, kernel, dilation, padding, stride):
    """All windows of every image as columns        x: (N, C, H, W)   cols: (N, C*KH*KW, OH*OW)

    float32 or float64, any strides; options are pairs (torch.nn.functional.unfold)."""
    cdef Windows s
    cdef Py_ssize_t i, step, width
    if cnp.PyArray_NDIM(x) != 4:
        raise RuntimeError(f"unfold: expected x (N, C, H, W), got {(<object>x).shape}")
    windows("unfold", &s, x.shape[1], (x.shape[2], x.shape[3]), kernel, stride, padding, dilation)
    cdef int kind = doors.floating("unfold", "x", x, x)
    cdef cnp.npy_intp[3] shape = [x.shape[0], s.taps, s.places]
    cdef cnp.ndarray cols = buffers.empty(3, shape, kind)
    if cnp.PyArray_SIZE(cols) == 0:
        return cols
    x = doors.native(x)
    width = cnp.PyArray_ITEMSIZE(x)
    s.c_stride, s.h_stride = x.strides[1] // width, x.strides[2] // width
    step, s.w_stride = x.strides[0] // width, x.strides[3] // width
    with nogil:
        for i in range(shape[0]):
            if kind == cnp.NPY_FLOAT:
                im2col(<float*>x.data + i * step, &s, 0, s.h.M,
                       <float*>cols.data + i * s.taps * s.places)
            else:
                im2col(<double*>x.data + i * step, &s, 0, s.h.M,
                       <double*>cols.data + i * s.taps * s.places)
    return cols


cpdef cnp.ndarray fold(cnp.ndarray cols, output_size, kernel, dilation, padding, stride):
    """The sum of all windows where they lie, unfold's transpose
                                                cols: (N, C*KH*KW, OH*OW)   x: (N, C, H, W)

    float32 or float64; options are pairs, output_size is (H, W) (torch.nn.functional.fold)."""
    cdef Windows s
    cdef Py_ssize_t i, C, size, area
    windows("fold", &s, 1, output_size, kernel, stride, padding, dilation)
    area = s.taps
    if (cnp.PyArray_NDIM(cols) != 3 or cols.shape[1] % area or cols.shape[2] != s.places):
        raise RuntimeError(
            f"fold: expected columns (N, C * {area}, {s.places}) for an output of "
            f"{tuple(output_size)}, got {(<object>cols).shape}")
    cdef int kind = doors.floating("fold", "columns", cols, cols)
    C = cols.shape[1] // area
    s.C, s.taps = C, cols.shape[1]
    cdef cnp.npy_intp[4] shape = [cols.shape[0], C, s.h.N, s.w.N]
    cdef cnp.ndarray x = doors.zeros(4, shape, kind)
    if cnp.PyArray_SIZE(x) == 0:
        return x
    cols = doors.in_order(cols)
    size = C * s.c_stride
    with nogil:
        for i in range(shape[0]):
            if kind == cnp.NPY_FLOAT:
                col2im(<float*>cols.data + i * s.taps * s.places, &s, 0, s.h.M,
                       <float*>x.data + i * size)
            else:
                col2im(<double*>cols.data + i * s.taps * s.places, &s, 0, s.h.M,
                       <double*>x.data + i * size)
    return x
