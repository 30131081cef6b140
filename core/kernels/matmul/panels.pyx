"""Packing: a matrix is copied into strips as wide as the register tile, so that the tile reads on
from element to element (Goto and van de Geijn, 2008)."""

from libc.string cimport memcpy

from plugrad.kernels.base.typenums cimport real

cdef enum:
    AHEAD = 8            # rows from the one that is copied to the one that memory is asked for


cdef inline void transpose(const real* x, Py_ssize_t line,    # IN  (lines, k)
                           Py_ssize_t lines, Py_ssize_t k, Py_ssize_t width,
                           real* out) noexcept nogil:         # OUT (k, width)
    """Lines of x as columns, a square of vectors at a time; a vector's places beyond the last line
    hold it again."""
    cdef const real* row[LANES]
    cdef Py_ssize_t i, j, p, L = lanes(x)
    for i from 0 <= i < lines by L:
        for j in range(L):
            row[j] = x + min(i + j, lines - 1) * line
        for p from 0 <= p <= k - L by L:
            if real is float:
                plugrad_transpose_float(row, out + p * width + i, width)
            else:
                plugrad_transpose_double(row, out + p * width + i, width)
            for j in range(L):
                row[j] += L
        for p in range(k - k % L, k):
            for j in range(L):
                out[p * width + i + j] = row[j][p - (k - k % L)]


cdef inline void copy_lines(const real* x, Py_ssize_t step,     # IN  (k, strips * width)
                            Py_ssize_t strips, Py_ssize_t k, Py_ssize_t width,
                            real* out) noexcept nogil:          # OUT (strips, k, width)
    """What lies side by side in memory and in a strip; a few strips at a time, so that a row is not
    left, and its page, for the sake of one cache line."""
    cdef Py_ssize_t s, p, i, few
    for s from 0 <= s < strips by 8:
        few = min(strips - s, <Py_ssize_t> 8)
        for p in range(k):
            for i in range(few):
                prefetch(x + (p + AHEAD) * step + (s + i) * width)
            for i in range(few):
                memcpy(out + ((s + i) * k + p) * width, x + p * step + (s + i) * width,
                       width * sizeof(real))


cdef inline void pick(const real* x, Py_ssize_t line, Py_ssize_t step,     # IN  (k, n)
                      Py_ssize_t n, Py_ssize_t k, Py_ssize_t width,
                      real* out) noexcept nogil:                           # OUT (k, width)
    """One strip, of any strides; zeros fill it up."""
    cdef Py_ssize_t p, i
    for p in range(k):
        for i in range(n):
            out[p * width + i] = x[p * step + i * line]
        for i in range(n, width):
            out[p * width + i] = 0


cdef inline void pack(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                      Py_ssize_t k, Py_ssize_t width, real* out) noexcept nogil:
    """Lines of k elements side by side in strips   out: (strips, k, width).  The last vector of
    lines is filled up with what is finite if x is, to be multiplied and dropped."""
    cdef Py_ssize_t i, whole = lines - lines % width if line == 1 else 0
    copy_lines(x, step, whole // width, k, width, out)
    for i from whole <= i < lines by width:
        if step == 1 and width % lanes(x) == 0:
            transpose(x + i * line, line, min(lines - i, width), k, width, out + i * k)
        else:
            pick(x + i * line, line, step, min(lines - i, width), k, width, out + i * k)


cdef void pack_rows(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                    Py_ssize_t k, real* out) noexcept nogil:
    """Rows of A (m, k): `line` apart, their elements `step` apart; out: (strips, k, MR)."""
    pack(x, line, step, lines, k, MR, out)


cdef void pack_columns(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil:
    """Columns of B (k, n): `line` apart, their elements `step` apart; out: (strips, k, NR)."""
    pack(x, line, step, lines, k, tile_columns(x), out)


cdef void pack_vectors(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil:
    """Like pack_columns, in strips of a single vector."""
    pack(x, line, step, lines, k, lanes(x), out)
