"""Sliding windows as the columns of a matrix, im2col (Chellapilla et al., 2006), and its transpose.

cols[(c, i, j), (oh, ow)] = x[c, S*oh - P + D*i, S*ow - P + D*j]"""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.panels cimport (
    LANES, copy, even_double, even_float, lanes, plugrad_transpose_double, plugrad_transpose_float,
    strips,
)
from plugrad.kernels.typenums cimport real

cnp.import_array()

cdef enum:
    SQUARE = 16 * 16     # elements of a square of vectors, at most
    COLUMNS = 1 << 18    # elements of a column matrix, 1 or 2 MiB, unless one output row has more


cdef inline void copy_every(const real* x, Py_ssize_t step, Py_ssize_t n, real* out) noexcept nogil:
    """Every step-th of x."""
    cdef Py_ssize_t i
    if step == 1:
        copy(x, n, out)
    elif step == 2:
        if real is float:
            even_float(x, n, out)
        else:
            even_double(x, n, out)
    else:
        for i in range(n):
            out[i] = x[i * step]


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


cdef Frame frame(const Windows* s, Py_ssize_t limit) noexcept nogil:
    """The layout of a band, as high as fits into `limit` elements; a negative padding cuts off."""
    cdef Frame f
    f.phase = (seen(&s.w, s.w.M) + s.w.S - 1) // s.w.S
    f.pitch = s.w.S * f.phase
    f.rows = limit // max(1, s.C * f.pitch) - seen(&s.h, 1)
    f.rows = min(s.h.M, max(<Py_ssize_t> 1, f.rows // s.h.S + 1))
    f.plane = f.pitch * seen(&s.h, f.rows)
    f.size = s.C * f.plane
    return f


cdef inline Py_ssize_t offset(const Windows* s, const Frame* f, Py_ssize_t c, Py_ssize_t i,
                              Py_ssize_t j) noexcept nogil:
    """How far a tap lies from the first one of its window."""
    return (c * f.plane + i * s.h.D * f.pitch + j * s.w.D % s.w.S * f.phase
            + j * s.w.D // s.w.S)


cdef void offsets(const Windows* s, const Frame* f, Py_ssize_t* out) noexcept nogil:
    """Where all taps lie, in the order (c, i, j)."""
    cdef Py_ssize_t c, i, j
    for c in range(s.C):
        for i in range(s.h.K):
            for j in range(s.w.K):
                out[0] = offset(s, f, c, i, j)
                out += 1


cdef void offsets_by_row(const Windows* s, const Frame* f, Py_ssize_t* out) noexcept nogil:
    """In the order (i, c, j): the taps that see the same rows of an image together."""
    cdef Py_ssize_t c, i, j
    for i in range(s.h.K):
        for c in range(s.C):
            for j in range(s.w.K):
                out[0] = offset(s, f, c, i, j)
                out += 1


cdef Py_ssize_t line_of(const Windows* s, const Frame* f, Py_ssize_t rows,
                        Py_ssize_t L) noexcept nogil:
    """How many windows vectors count from one output row to the next.  Either each row starts with
    a vector of its own, or vectors go on through the frame, over windows that nobody asked for
    between a row's last one and the next row's first: what takes fewer vectors."""
    cdef Py_ssize_t alone = strips(s.w.M, L) * L, on = s.h.S * f.pitch
    return on if strips((rows - 1) * on + s.w.M, L) * L < rows * alone else alone


cdef inline void copy_rows(const real* x, Py_ssize_t pitch, Py_ssize_t step,     # IN  (rows, n)
                           Py_ssize_t rows, Py_ssize_t n, Py_ssize_t out_pitch,
                           real* out) noexcept nogil:
    cdef Py_ssize_t _
    for _ in range(rows):
        copy_every(x, step, n, out)
        x += pitch
        out += out_pitch


cdef void put_in_frame(const real* x,               # IN  (C, H, W)
                       const Windows* s, const Frame* f, Py_ssize_t top, Py_ssize_t rows,
                       real* out) noexcept nogil:   # OUT f.size
    """Copy what the windows of output rows top to top + rows see of the image, phase by phase.
    `out` held zeros, or another image, before: the border left and right is there already, and
    above and below as well if the whole image fits in."""
    cdef Py_ssize_t q, c, left, past, height = seen(&s.h, rows), y = top * s.h.S - s.h.P
    cdef Py_ssize_t above = min(height, max(<Py_ssize_t> 0, -y))
    cdef Py_ssize_t below = max(above, min(height, s.h.N - y))
    cdef real* plane
    if rows < s.h.M and (above > 0 or below < height):
        for c in range(s.C):
            plane = out + c * f.plane
            memset(plane, 0, above * f.pitch * sizeof(real))
            memset(plane + below * f.pitch, 0, (height - below) * f.pitch * sizeof(real))
    x += (y + above) * s.h_stride
    out += above * f.pitch
    for q in range(s.w.S):
        left = max(<Py_ssize_t> 0, (s.w.P - q + s.w.S - 1) // s.w.S)
        past = max(left, min(f.phase, (s.w.N + s.w.P - q + s.w.S - 1) // s.w.S))
        for c in range(s.C):
            copy_rows(x + c * s.c_stride + (left * s.w.S + q - s.w.P) * s.w_stride, s.h_stride,
                      s.w.S * s.w_stride, below - above, past - left, f.pitch,
                      out + c * f.plane + q * f.phase + left)


cdef void put_in_planes(const real* sums,          # IN  (rows, line, width)
                        Py_ssize_t rows, Py_ssize_t OW, Py_ssize_t line, Py_ssize_t width,
                        Py_ssize_t planes, const Plane* plane,
                        real* y) noexcept nogil:   # OUT (planes, rows, OW)
    """Turn sums that lie side by side around, square by square, and put them where they belong."""
    cdef real square[SQUARE]
    cdef const real* row[LANES]
    cdef Py_ssize_t q, o, i, j, n, p, column = 0, L = lanes(sums)
    cdef bint dense = plane.step == 1 and plane.pitch == OW
    cdef real* out
    for q from 0 <= q < rows * OW by L:
        n = min(L, rows * OW - q)
        for i in range(L):
            row[i] = sums
            if i < n - 1 or n == L:
                sums, column = sums + width, column + 1
                if column == OW:
                    sums, column = sums + (line - OW) * width, 0
        for o from 0 <= o < planes by L:
            out, p = square, L
            if dense and o + L <= planes and n == L:
                out, p = y + o * plane.size + q, plane.size
            if real is float:
                plugrad_transpose_float(row, out, p)
            else:
                plugrad_transpose_double(row, out, p)
            for i in range(L):
                row[i] += L
            for j in range(0 if out != square else min(L, planes - o)):
                out = y + (o + j) * plane.size
                if dense:
                    copy(square + j * L, n, out + q)
                else:
                    for i in range(n):
                        p = q + i
                        out[p // OW * plane.pitch + p % OW * plane.step] = square[j * L + i]


cdef int pair(str door, str name, value, Py_ssize_t low, Py_ssize_t* h, Py_ssize_t* w) except -1:
    """Read an option (height, width)."""
    try:
        h[0], w[0] = value
    except (TypeError, ValueError):
        raise TypeError(f"{door}: expected {name} as a pair of integers, got {value!r}") from None
    if h[0] < low or w[0] < low:
        raise ValueError(f"{door}: expected {name} of at least {low}, got {tuple(value)}")
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
