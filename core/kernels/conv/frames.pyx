"""Images in a frame of zeros, as the windows of a convolution see them, and its results' way back.

No window is copied: kernels read its pixels where they lie in the frame."""

from libc.string cimport memset

from plugrad.kernels.matmul.panels cimport (
    LANES, copy, copy_every, deal_double, deal_float, lanes, plugrad_transpose_double,
    plugrad_transpose_float, strips,
)
from plugrad.kernels.base.typenums cimport real
from plugrad.kernels.conv.windows cimport Windows, seen

cdef enum:
    SQUARE = 16 * 16     # elements of a square of vectors, at most


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


cdef inline Py_ssize_t deal(const real* x, const Windows* s, const Frame* f, Py_ssize_t rows,
                            real* out) noexcept nogil:
    """Both phases of stride 2 at once, as many columns as both have; gives how many."""
    cdef Py_ssize_t left[2]
    cdef Py_ssize_t past[2]
    cdef Py_ssize_t c, n, q, _
    cdef const real* row
    cdef real* even
    cdef real* odd
    for q in range(2):
        columns_inside(s, f, q, &left[q], &past[q])
    n = min(past[0] - left[0], past[1] - left[1])
    q = 2 * left[1] + 1 < 2 * left[0]             # the phase of the leftmost column
    x += 2 * left[q] + q - s.w.P
    for c in range(s.C):
        row = x + c * s.c_stride
        even = out + c * f.plane + q * f.phase + left[q]
        odd = out + c * f.plane + (1 - q) * f.phase + left[1 - q]
        for _ in range(rows):
            if real is float:
                deal_float(row, n, even, odd)
            else:
                deal_double(row, n, even, odd)
            row += s.h_stride
            even += f.pitch
            odd += f.pitch
    return n


cdef void put_in_frame(const real* x,               # IN  (C, H, W)
                       const Windows* s, const Frame* f, Py_ssize_t top, Py_ssize_t rows,
                       real* out) noexcept nogil:   # OUT f.size
    """Copy what the windows of output rows top to top + rows see of the image, phase by phase.
    `out` held zeros, or another image, before: the border left and right is there already, and
    above and below as well if the whole image fits in."""
    cdef Py_ssize_t q, c, n, left, past, above, below, height = seen(&s.h, rows)
    rows_inside(s, top, height, &above, &below)
    cdef real* plane
    if rows < s.h.M and (above > 0 or below < height):
        for c in range(s.C):
            plane = out + c * f.plane
            memset(plane, 0, above * f.pitch * sizeof(real))
            memset(plane + below * f.pitch, 0, (height - below) * f.pitch * sizeof(real))
    x += (top * s.h.S - s.h.P + above) * s.h_stride
    out += above * f.pitch
    n = deal(x, s, f, below - above, out) if s.w.S == 2 and s.w_stride == 1 else 0
    for q in range(s.w.S):
        columns_inside(s, f, q, &left, &past)
        left += n
        if left >= past:
            continue
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
    cdef Py_ssize_t at[LANES]
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
            at[i] = (q + i) // OW * plane.pitch + (q + i) % OW * plane.step
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
                        out[at[i]] = square[j * L + i]
