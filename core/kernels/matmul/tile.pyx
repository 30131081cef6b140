"""The register tile: all arithmetic of a matrix product happens here."""

from plugrad.kernels.matmul.panels cimport (
    LANES, MR, NV, any_vector, breadth, element, half, height, hfloat, lanes, prefetch_write,
    tile_columns, vdouble, vfloat,
)
from plugrad.kernels.base.typenums cimport real

cdef enum:
    TILE = 12 * LANES  # elements of a tile, at most


cdef inline void tile(int rows, int columns,      # constants: at most MR rows, NV vectors
                      const any_vector* a,        # IN  (rows, k)
                      Py_ssize_t line, Py_ssize_t step,
                      const any_vector* b,        # IN  (k, columns), rows `row` elements apart
                      Py_ssize_t row, Py_ssize_t k,
                      const any_vector* start,    # IN  (columns,)
                      bint add,
                      any_vector* c,              # OUT (rows, columns), rows rc elements apart
                      Py_ssize_t rc) noexcept nogil:
    """c = start + a @ b, or c += start + a @ b, summed in registers."""
    cdef any_vector acc[MR * NV]
    cdef Py_ssize_t p, i, j, width = sizeof(double) if any_vector is vdouble else sizeof(float)
    cdef const any_vector* x
    cdef any_vector* y
    for i in range(rows):
        for j in range(columns):
            prefetch_write(<char*> c + i * rc * width + j * sizeof(any_vector))
        for j in range(columns):
            acc[i * NV + j] = start[j]
    for p in range(k):
        x = <const any_vector*> (<const char*> b + p * row * width)
        for i in range(rows):
            for j in range(columns):
                acc[i * NV + j] += x[j] * element(a, p * step + i * line)
    for i in range(rows):
        y = <any_vector*> (<char*> c + i * rc * width)
        for j in range(columns):
            y[j] = y[j] + acc[i * NV + j] if add else acc[i * NV + j]


cdef inline void some_rows(Py_ssize_t rows, int columns, const any_vector* a, Py_ssize_t line,
                           Py_ssize_t step, const any_vector* b, Py_ssize_t row, Py_ssize_t k,
                           const any_vector* start, bint add, any_vector* c,
                           Py_ssize_t rc) noexcept nogil:
    """`tile` of a height known when it is compiled."""
    if rows == 1:
        tile(1, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == 2:
        tile(2, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == 3:
        tile(3, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == 4:
        tile(4, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == 5:
        tile(5, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == 6:
        tile(6, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 7:
        tile(7, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 8:
        tile(8, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 9:
        tile(9, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 10:
        tile(10, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 11:
        tile(11, columns, a, line, step, b, row, k, start, add, c, rc)
    elif MR > 6 and rows == 12:
        tile(12, columns, a, line, step, b, row, k, start, add, c, rc)


cdef void any_tile(Py_ssize_t rows, Py_ssize_t columns, const real* a, Py_ssize_t line,
                   Py_ssize_t step, const real* b, Py_ssize_t row, Py_ssize_t k,
                   const real* start, bint add, real* c, Py_ssize_t rc) noexcept nogil:
    """`tile` on elements, of any height, half a vector, one or two vectors wide."""
    cdef Py_ssize_t L = lanes(a)
    if real is float:
        if columns <= half(a) < L:
            some_rows(rows, 1, <const hfloat*> a, line, step, <const hfloat*> b, row, k,
                      <const hfloat*> start, add, <hfloat*> c, rc)
        elif columns <= L:
            some_rows(rows, 1, <const vfloat*> a, line, step, <const vfloat*> b, row, k,
                      <const vfloat*> start, add, <vfloat*> c, rc)
        else:
            some_rows(rows, 2, <const vfloat*> a, line, step, <const vfloat*> b, row, k,
                      <const vfloat*> start, add, <vfloat*> c, rc)
    elif columns <= L:
        some_rows(rows, 1, <const vdouble*> a, line, step, <const vdouble*> b, row, k,
                  <const vdouble*> start, add, <vdouble*> c, rc)
    else:
        some_rows(rows, 2, <const vdouble*> a, line, step, <const vdouble*> b, row, k,
                  <const vdouble*> start, add, <vdouble*> c, rc)


cdef inline void store_row(const any_vector* first, const any_vector* last, bint add,
                           any_vector* c_first, any_vector* c_last) noexcept nogil:
    """A row of one to two vectors: the first and the last one, which overlap."""
    cdef any_vector x = first[0], y = last[0]
    if add:
        x = x + c_first[0]
        y = y + c_last[0]
    c_first[0] = x
    c_last[0] = y


cdef inline void store(const real* x,             # IN  (m, NR)
                       Py_ssize_t m, Py_ssize_t n, bint add,
                       real* c,                   # OUT (m, n)
                       Py_ssize_t rc, Py_ssize_t cc) noexcept nogil:
    """c = x or c += x for the part of a tile that lies inside C."""
    cdef Py_ssize_t _, j, last, NR = tile_columns(x), L = lanes(x)
    for _ in range(m):
        if cc == 1 and n >= L:
            last = n - L
            if real is float:
                store_row(<const vfloat*> x, <const vfloat*> (x + last), add, <vfloat*> c,
                          <vfloat*> (c + last))
            else:
                store_row(<const vdouble*> x, <const vdouble*> (x + last), add, <vdouble*> c,
                          <vdouble*> (c + last))
        elif real is float and cc == 1 and half(x) <= n:
            last = n - half(x)
            store_row(<const hfloat*> x, <const hfloat*> (x + last), add, <hfloat*> c,
                      <hfloat*> (c + last))
        else:
            for j in range(n):
                c[j * cc] = c[j * cc] + x[j] if add else x[j]
        x += NR
        c += rc


cdef inline bint fills(Py_ssize_t columns, const real* x) noexcept nogil:
    """Whether they are all that a tile computes."""
    return columns % lanes(x) == 0 or columns == half(x)


cdef void block(const real* a, const Block* of_a,  # IN  (m, k)
                const real* b, const Block* of_b,  # IN  (k, n)
                Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
                const real* start,                # IN  (n,) or NULL
                bint add,
                real* c,                          # OUT (m, n)
                Py_ssize_t rc, Py_ssize_t cc) noexcept nogil:
    """C = start + A @ B or C += A @ B for blocks, tile by tile: a strip of B stays in L1 while all
    strips of A pass by."""
    cdef Py_ssize_t i, j, rows, columns, NR = tile_columns(a)
    cdef real edge[TILE]
    cdef real first[LANES]
    cdef const real* x
    cdef const real* strip
    cdef real* y
    cdef bint as_it_lies = of_a.strip == MR * of_a.line         # then a tile may end two strips
    j = 0
    while j < n:
        columns = breadth(min(n - j, NR - j % NR), a)
        strip = b + j // NR * of_b.strip + j % NR
        for i in range(NR):
            first[i] = start[j + i] if start != NULL and i < columns else <real> 0
        i = 0
        while i < m:
            rows = height(m - i if as_it_lies else min(m - i, MR - i % MR))
            x = a + i // MR * of_a.strip + i % MR * of_a.line
            y = c + i * rc + j * cc
            if cc == 1 and fills(columns, a):
                any_tile(rows, columns, x, of_a.line, of_a.step, strip, of_b.step, k, first, add, y,
                         rc)
            else:
                any_tile(rows, columns, x, of_a.line, of_a.step, strip, of_b.step, k, first, False,
                         edge, NR)
                store(edge, rows, columns, add, y, rc, cc)
            i += rows
        j += columns
