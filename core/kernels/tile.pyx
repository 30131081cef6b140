"""The register tile: all arithmetic of a matrix product happens here."""

from plugrad.kernels.panels cimport (
    LANES, MR, NV, element, height, lanes, prefetch_write, strips, tile_columns, vdouble, vector,
    vfloat,
)
from plugrad.kernels.typenums cimport real

cdef enum:
    TILE = 12 * LANES  # elements of a tile, at most


cdef inline void tile(int rows, int columns,      # constants: at most MR rows, NV vectors
                      const vector* a,            # IN  (rows, k)
                      Py_ssize_t line, Py_ssize_t step,
                      const vector* b,            # IN  (k, columns), rows `row` elements apart
                      Py_ssize_t row, Py_ssize_t k,
                      const vector* start,        # IN  (columns,)
                      bint add,
                      vector* c,                  # OUT (rows, columns), rows rc elements apart
                      Py_ssize_t rc) noexcept nogil:
    """c = start + a @ b, or c += start + a @ b, summed in registers."""
    cdef vector acc[MR * NV]
    cdef Py_ssize_t p, i, j, width = sizeof(float) if vector is vfloat else sizeof(double)
    cdef const vector* x
    cdef vector* y
    for i in range(rows):
        prefetch_write(<char*> c + i * rc * width)
        for j in range(columns):
            acc[i * NV + j] = start[j]
    for p in range(k):
        x = <const vector*> (<const char*> b + p * row * width)
        for i in range(rows):
            for j in range(columns):
                acc[i * NV + j] += x[j] * element(a, p * step + i * line)
    for i in range(rows):
        y = <vector*> (<char*> c + i * rc * width)
        for j in range(columns):
            y[j] = y[j] + acc[i * NV + j] if add else acc[i * NV + j]


cdef inline void some_rows(Py_ssize_t rows, int columns, const vector* a, Py_ssize_t line,
                           Py_ssize_t step, const vector* b, Py_ssize_t row, Py_ssize_t k,
                           const vector* start, bint add, vector* c, Py_ssize_t rc) noexcept nogil:
    """`tile` of a height that it is compiled for."""
    if rows == MR:
        tile(MR, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == MR // 6 * 5:
        tile(MR // 6 * 5, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == MR // 6 * 4:
        tile(MR // 6 * 4, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == MR // 6 * 3:
        tile(MR // 6 * 3, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == MR // 6 * 2:
        tile(MR // 6 * 2, columns, a, line, step, b, row, k, start, add, c, rc)
    elif rows == MR // 6:
        tile(MR // 6, columns, a, line, step, b, row, k, start, add, c, rc)
    else:
        tile(1, columns, a, line, step, b, row, k, start, add, c, rc)


cdef void any_tile(Py_ssize_t rows, Py_ssize_t vectors, const real* a, Py_ssize_t line,
                   Py_ssize_t step, const real* b, Py_ssize_t row, Py_ssize_t k,
                   const real* start, bint add, real* c, Py_ssize_t rc) noexcept nogil:
    """`tile` on elements, of any height that `height` gives, one or two vectors wide."""
    if real is float:
        if vectors == 1:
            some_rows(rows, 1, <const vfloat*> a, line, step, <const vfloat*> b, row, k,
                      <const vfloat*> start, add, <vfloat*> c, rc)
        else:
            some_rows(rows, 2, <const vfloat*> a, line, step, <const vfloat*> b, row, k,
                      <const vfloat*> start, add, <vfloat*> c, rc)
    else:
        if vectors == 1:
            some_rows(rows, 1, <const vdouble*> a, line, step, <const vdouble*> b, row, k,
                      <const vdouble*> start, add, <vdouble*> c, rc)
        else:
            some_rows(rows, 2, <const vdouble*> a, line, step, <const vdouble*> b, row, k,
                      <const vdouble*> start, add, <vdouble*> c, rc)


cdef inline void store_row(const vector* first, const vector* last, bint add,
                           vector* c_first, vector* c_last) noexcept nogil:
    """A row of one to two vectors: the first and the last one, which overlap."""
    cdef vector x = first[0], y = last[0]
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
    cdef Py_ssize_t i, j, NR = tile_columns(x)
    for i in range(m if cc == 1 and n >= lanes(x) else 0):
        if real is float:
            store_row(<const vfloat*> (x + i * NR), <const vfloat*> (x + i * NR + n - lanes(x)),
                      add, <vfloat*> (c + i * rc), <vfloat*> (c + i * rc + n - lanes(x)))
        else:
            store_row(<const vdouble*> (x + i * NR), <const vdouble*> (x + i * NR + n - lanes(x)),
                      add, <vdouble*> (c + i * rc), <vdouble*> (c + i * rc + n - lanes(x)))
    for i in range(0 if cc == 1 and n >= lanes(x) else m):
        for j in range(n):
            c[i * rc + j * cc] = c[i * rc + j * cc] + x[i * NR + j] if add else x[i * NR + j]


cdef void block(const real* a, const Block* of_a,  # IN  (m, k)
                const real* b, const Block* of_b,  # IN  (k, n)
                Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
                const real* start,                # IN  (n,) or NULL
                bint add,
                real* c,                          # OUT (m, n)
                Py_ssize_t rc, Py_ssize_t cc) noexcept nogil:
    """C = start + A @ B or C += A @ B for blocks, tile by tile: a strip of B stays in L1 while all
    strips of A pass by."""
    cdef Py_ssize_t i, j, rows, columns, NR = tile_columns(a), L = lanes(a)
    cdef real edge[TILE]
    cdef real first[LANES]
    cdef const real* x
    cdef real* y
    cdef bint as_it_lies = of_a.strip == MR * of_a.line         # then a tile may end two strips
    for j from 0 <= j < n by NR:
        columns = min(n - j, NR)
        for i in range(NR):
            first[i] = start[j + i] if start != NULL and i < columns else <real> 0
        i = 0
        while i < m:
            rows = height(m - i if as_it_lies else min(m - i, MR - i % MR))
            x = a + i // MR * of_a.strip + i % MR * of_a.line
            y = c + i * rc + j * cc
            if cc == 1 and columns % L == 0:
                any_tile(rows, columns // L, x, of_a.line, of_a.step, b, of_b.step, k, first, add,
                         y, rc)
            else:
                any_tile(rows, strips(columns, L), x, of_a.line, of_a.step, b, of_b.step, k, first,
                         False, edge, NR)
                store(edge, rows, columns, add, y, rc, cc)
            i += rows
        b += of_b.strip
