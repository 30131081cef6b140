"""C = A @ B: panels of A and B are packed into the caches, a register tile multiplies them
(Goto and van de Geijn, 2008)."""

cimport numpy as cnp
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from plugrad.kernels cimport buffers, doors
from plugrad.kernels.typenums cimport real

cnp.import_array()

cdef enum:
    NC = 1024          # columns of a packed block of B, which stays in the L3 cache
    TINY = 64          # multiplications up to which packing does not pay
    STACK = 2048       # elements of panels that fit on the stack: 32 x 32 matrices
    NO_GIL = 32768     # multiplications from which on releasing the GIL pays
    MAX_NDIM = 64      # of a NumPy array

# Signed integers are multiplied as unsigned ones of their width: the same bits, free to wrap.
ctypedef fused number:
    float
    double
    uint8_t
    uint32_t
    uint64_t

# Many products of one size: batch dimensions with the steps of a, b and c along each.
cdef struct Batch:
    Product p
    int ndim
    Py_ssize_t shape[MAX_NDIM]
    Py_ssize_t sa[MAX_NDIM]
    Py_ssize_t sb[MAX_NDIM]
    Py_ssize_t sc[MAX_NDIM]


cdef inline void pack(const real* x,              # IN
                      Py_ssize_t line, Py_ssize_t step,
                      Py_ssize_t lines, Py_ssize_t k, Py_ssize_t width,
                      real* out) noexcept nogil:  # OUT (strips, k, width)
    """Rows of A or columns of B, `lines` of k elements, side by side in strips; zeros fill up the
    last strip."""
    cdef Py_ssize_t p, i
    while lines > 0:
        if lines < width:
            for p in range(k):
                for i in range(width):
                    out[p * width + i] = x[p * step + i * line] if i < lines else 0
        elif line == 1:                           # copies of a length that the compiler knows
            for p in range(k):
                memcpy(out + p * width, x + p * step, width * sizeof(real))
        else:
            for i in range(width):
                for p in range(k):
                    out[p * width + i] = x[p * step + i * line]
        out += k * width
        x += width * line
        lines -= width


cdef void pack_rows(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                    Py_ssize_t k, real* out) noexcept nogil:
    """Rows of A (m, k): `line` apart, their elements `step` apart; out: (strips, k, MR)."""
    pack(x, line, step, lines, k, MR, out)


cdef void pack_columns(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil:
    """Columns of B (k, n): `line` apart, their elements `step` apart; out: (strips, k, NR)."""
    pack(x, line, step, lines, k, tile_columns(x), out)


cdef inline void tile(const vector* a,            # IN (k, MR) elements
                      const vector* b,            # IN (k, NV)
                      Py_ssize_t k, bint add,
                      vector* c,                  # OUT (MR, NV)
                      Py_ssize_t row) noexcept nogil:
    """c = a.T @ b or c += a.T @ b, summed in registers: of all bounds only k is unknown to the
    compiler.  row: bytes from one row of c to the next."""
    cdef vector acc[MR * NV]
    cdef Py_ssize_t p, i, j
    cdef vector* y
    memset(acc, 0, sizeof(acc))
    for p in range(k):
        for i in range(MR):
            for j in range(NV):
                acc[i * NV + j] += b[p * NV + j] * element(a, p * MR + i)
    for i in range(MR):
        y = <vector*> (<char*> c + i * row)
        for j in range(NV):
            y[j] = y[j] + acc[i * NV + j] if add else acc[i * NV + j]


cdef inline void full_tile(const real* a, const real* b, Py_ssize_t k, bint add, real* c,
                           Py_ssize_t rc) noexcept nogil:
    """`tile` on a tile of C that lies row by row in memory."""
    if real is float:
        tile(<const vfloat*> a, <const vfloat*> b, k, add, <vfloat*> c, rc * sizeof(real))
    else:
        tile(<const vdouble*> a, <const vdouble*> b, k, add, <vdouble*> c, rc * sizeof(real))


cdef inline void store(const real* x,             # IN (MR, NR)
                       Py_ssize_t m, Py_ssize_t n, bint add,
                       real* c,                   # OUT (m, n)
                       Py_ssize_t rc, Py_ssize_t cc) noexcept nogil:
    """c = x or c += x for the part of a tile that lies inside C."""
    cdef Py_ssize_t i, j, NR = tile_columns(x)
    for i in range(m):
        for j in range(n):
            c[i * rc + j * cc] = c[i * rc + j * cc] + x[i * NR + j] if add else x[i * NR + j]


cdef void block(const real* a,                    # IN (strips, k, MR)
                const real* b,                    # IN (strips, k, NR)
                Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, bint add,
                real* c,                          # OUT (m, n)
                Py_ssize_t rc, Py_ssize_t cc) noexcept nogil:
    """C = A @ B or C += A @ B for packed blocks, tile by tile: a strip of B stays in L1 while all
    strips of A pass by."""
    cdef Py_ssize_t i, j, rows, columns, NR = tile_columns(a)
    cdef real edge[TILE]
    cdef real* y
    for j in range(strips(n, NR)):
        columns = min(n - j * NR, NR)
        for i in range(strips(m, MR)):
            rows = min(m - i * MR, <Py_ssize_t> MR)
            y = c + i * MR * rc + j * NR * cc
            if rows == MR and columns == NR and cc == 1:
                full_tile(a + i * MR * k, b + j * NR * k, k, add, y, rc)
            else:
                full_tile(a + i * MR * k, b + j * NR * k, k, False, &edge[0], NR)
                store(&edge[0], rows, columns, add, y, rc, cc)


cdef void packed(const real* a, const real* b,    # IN
                 real* c,                         # OUT
                 const Product* s, bint accumulate, real* work) noexcept nogil:
    """The product in blocks.  The place for threads: blocks of rows do not depend on each other.
    Each element of C is summed in the same order whatever m, n and the strides are."""
    cdef Py_ssize_t m, n, k, i, j, p
    cdef real* panel_b
    for j from 0 <= j < s.n by NC:
        n = min(s.n - j, <Py_ssize_t>NC)
        for p from 0 <= p < s.k by KC:
            k = min(s.k - p, <Py_ssize_t>KC)
            panel_b = work + k * MR * strips(min(s.m, <Py_ssize_t>MC), MR)
            pack_columns(b + p * s.rb + j * s.cb, s.cb, s.rb, n, k, panel_b)
            for i from 0 <= i < s.m by MC:
                m = min(s.m - i, <Py_ssize_t>MC)
                pack_rows(a + i * s.ra + p * s.ca, s.ra, s.ca, m, k, work)
                block(work, panel_b, m, n, k, accumulate or p > 0,
                      c + i * s.rc + j * s.cc, s.rc, s.cc)


cdef void plain(const number* a, const number* b,  # IN
                number* c,                         # OUT
                const Product* s, bint accumulate) noexcept nogil:
    """The product row by row, nothing packed: for integers and for the smallest matrices."""
    cdef Py_ssize_t i, j, p
    cdef const number* row
    cdef number* y
    cdef number x
    for i in range(s.m):
        y = c + i * s.rc
        if not accumulate:
            for j in range(s.n):
                y[j * s.cc] = 0
        for p in range(s.k):
            x = a[i * s.ra + p * s.ca]
            row = b + p * s.rb
            for j in range(s.n):
                y[j * s.cc] += x * row[j * s.cb]


cdef Py_ssize_t panels(const Product* s) noexcept nogil:
    """Elements of the packed blocks of A and B (NR is widest for floats)."""
    return min(s.k, <Py_ssize_t>KC) * (
        MR * strips(min(s.m, <Py_ssize_t>MC), MR)
        + NV * VECTOR // 4 * strips(min(s.n, <Py_ssize_t>NC), NV * VECTOR // 4))


cdef Py_ssize_t scratch(const Product* s) noexcept nogil:
    """How many elements `multiply` needs as `work` for a product of this size."""
    cdef Py_ssize_t size = panels(s)
    return size if size > STACK else 0


cdef void multiply(const real* a, const real* b,  # IN
                   real* c,                       # OUT
                   const Product* s, bint accumulate, real* work) noexcept nogil:
    """C = A @ B or C += A @ B; C overlaps neither A nor B.  m, n or k may be zero."""
    cdef real stack[STACK]
    if s.m * s.n * s.k <= TINY or s.k == 0:
        plain(a, b, c, s, accumulate)
    else:
        packed(a, b, c, s, accumulate, work if panels(s) > STACK else stack)


cdef void each(const number* a, const number* b,  # IN
               number* c,                         # OUT
               const Batch* s, int dim, bint accumulate, number* work) noexcept nogil:
    """All products of a batch, one recursion per batch dimension."""
    cdef Py_ssize_t i
    if dim < s.ndim:
        for i in range(s.shape[dim]):
            each(a + i * s.sa[dim], b + i * s.sb[dim], c + i * s.sc[dim],
                 s, dim + 1, accumulate, work)
    elif number is float or number is double:
        multiply(a, b, c, &s.p, accumulate, work)
    else:
        plain(a, b, c, &s.p, accumulate)


cdef int run(number* a, number* b,                # IN
             number* c,                           # OUT
             const Batch* s, int kind, bint accumulate) except -1:
    """Give the kernel its scratch memory, and release the GIL where that pays."""
    cdef cnp.ndarray memory
    cdef number* work = NULL
    cdef Py_ssize_t size = scratch(&s.p) if cnp.PyTypeNum_ISFLOAT(kind) else 0
    cdef Py_ssize_t effort = s.p.m * s.p.n * s.p.k
    for i in range(s.ndim):
        effort *= s.shape[i]
    if size:
        memory = buffers.empty(1, <cnp.npy_intp*>&size, kind)
        work = <number*>cnp.PyArray_DATA(memory)
    if effort > NO_GIL:
        with nogil:
            each(a, b, c, s, 0, accumulate, work)
    else:
        each(a, b, c, s, 0, accumulate, work)
    return 0


cdef int dispatch(cnp.ndarray a, cnp.ndarray b, cnp.ndarray c, const Batch* s,
                  bint accumulate) except -1:
    """`run` for the dtype at hand."""
    cdef int kind = cnp.PyArray_TYPE(a)
    cdef int width = cnp.PyArray_ITEMSIZE(a)
    cdef void* x = cnp.PyArray_DATA(a)
    cdef void* y = cnp.PyArray_DATA(b)
    cdef void* z = cnp.PyArray_DATA(c)
    if kind == cnp.NPY_FLOAT:
        return run(<float*>x, <float*>y, <float*>z, s, kind, accumulate)
    if kind == cnp.NPY_DOUBLE:
        return run(<double*>x, <double*>y, <double*>z, s, kind, accumulate)
    if width == 1:
        return run(<uint8_t*>x, <uint8_t*>y, <uint8_t*>z, s, kind, accumulate)
    if width == 4:
        return run(<uint32_t*>x, <uint32_t*>y, <uint32_t*>z, s, kind, accumulate)
    return run(<uint64_t*>x, <uint64_t*>y, <uint64_t*>z, s, kind, accumulate)


cdef void sizes(Product* s, cnp.ndarray a, cnp.ndarray b):
    """The sizes of a @ b for their last two dimensions, with C laid out row by row."""
    cdef int i = cnp.PyArray_NDIM(a) - 2, j = cnp.PyArray_NDIM(b) - 2
    cdef Py_ssize_t width = cnp.PyArray_ITEMSIZE(a)
    s.m, s.k, s.n = a.shape[i], a.shape[i + 1], b.shape[j + 1]
    s.ra, s.ca = a.strides[i] // width, a.strides[i + 1] // width
    s.rb, s.cb = b.strides[j] // width, b.strides[j + 1] // width
    s.rc, s.cc = s.n, 1


cdef mismatch(str door, str expected, cnp.ndarray a, cnp.ndarray b):
    raise RuntimeError(f"{door}: expected {expected}, got {(<object>a).shape} and "
                       f"{(<object>b).shape}")


cpdef cnp.ndarray gemm(cnp.ndarray a, cnp.ndarray b, cnp.ndarray out=None,
                       bint accumulate=False):
    """out = a @ b, or out += a @ b        a: (m, k)   b: (k, n)   out: (m, n)

    float32 or float64, one dtype for all; any strides; out must not overlap a or b.
    Raises RuntimeError for shapes or dtypes that do not fit."""
    cdef Batch s
    cdef cnp.npy_intp shape[2]
    if cnp.PyArray_NDIM(a) != 2 or cnp.PyArray_NDIM(b) != 2 or a.shape[1] != b.shape[0]:
        mismatch("gemm", "shapes (m, k) and (k, n)", a, b)
    cdef int kind = doors.floating("gemm", "a and b", a, b)
    a, b = doors.native(a), doors.native(b)
    s.ndim = 0
    sizes(&s.p, a, b)
    if out is None:
        if accumulate:
            raise ValueError("gemm: accumulate=True adds to out; pass out")
        shape[0], shape[1] = s.p.m, s.p.n
        out = buffers.empty(2, shape, kind)
    else:
        check_out(out, kind, &s.p)
        s.p.rc = out.strides[0] // cnp.PyArray_ITEMSIZE(out)
        s.p.cc = out.strides[1] // cnp.PyArray_ITEMSIZE(out)
    if s.p.m and s.p.n:
        dispatch(a, b, out, &s, accumulate)
    return out


cdef int check_out(cnp.ndarray out, int kind, const Product* s) except -1:
    """Raise unless a product of this size can be written to out."""
    if (cnp.PyArray_NDIM(out) != 2 or out.shape[0] != s.m or out.shape[1] != s.n
            or cnp.PyArray_TYPE(out) != kind):
        raise RuntimeError(
            f"gemm: expected out of shape {(s.m, s.n)} and the dtype of a and b, got "
            f"{(<object>out).shape} {out.dtype}")
    if not cnp.PyArray_ISBEHAVED(out):
        raise ValueError("gemm: out must be writeable, aligned and in native byte order")
    return 0


cdef int broadcast(Batch* s, cnp.ndarray a, cnp.ndarray b) except -1:
    """Batch dimensions of a @ b by NumPy's rule: aligned at the right, size 1 repeats."""
    cdef Py_ssize_t width = cnp.PyArray_ITEMSIZE(a), na, nb, step = s.p.m * s.p.n
    cdef int i, ia, ib
    s.ndim = max(cnp.PyArray_NDIM(a), cnp.PyArray_NDIM(b)) - 2
    for i in range(s.ndim - 1, -1, -1):
        ia = cnp.PyArray_NDIM(a) - 2 - s.ndim + i
        ib = cnp.PyArray_NDIM(b) - 2 - s.ndim + i
        na = a.shape[ia] if ia >= 0 else 1
        nb = b.shape[ib] if ib >= 0 else 1
        if na != nb and na != 1 and nb != 1:
            mismatch("matmul", "batch dimensions that are equal or 1", a, b)
        s.shape[i] = nb if na == 1 else na
        s.sa[i] = a.strides[ia] // width if na != 1 else 0
        s.sb[i] = b.strides[ib] // width if nb != 1 else 0
        s.sc[i] = step
        step *= s.shape[i]
    return 0


cdef void fold(Batch* s) noexcept nogil:
    """While one B serves the whole last batch dimension and A goes on row after row, the dimension
    is only more rows: (N, T, C) @ (C, D) is one product, not N."""
    cdef int last = s.ndim - 1
    while last >= 0 and s.sb[last] == 0 and (
            s.shape[last] == 1 or s.p.m == 1 or s.sa[last] == s.p.m * s.p.ra):
        if s.p.m == 1:
            s.p.ra = s.sa[last]
        s.p.m *= s.shape[last]
        s.ndim = last
        last -= 1


cpdef cnp.ndarray matmul(cnp.ndarray a, cnp.ndarray b):
    """a @ b        a: (..., m, k)   b: (..., k, n)   result: (..., m, n)

    Batch dimensions broadcast.  float32, float64 and integers of 1, 4 or 8 bytes, which wrap.
    Raises RuntimeError for shapes or dtypes that do not fit, NotImplementedError for a dtype."""
    cdef Batch s
    cdef cnp.npy_intp shape[MAX_NDIM]
    cdef int i, kind = cnp.PyArray_TYPE(a)
    cdef int na = cnp.PyArray_NDIM(a), nb = cnp.PyArray_NDIM(b)
    if na < 2 or nb < 2 or a.shape[na - 1] != b.shape[nb - 2]:
        mismatch("matmul", "shapes (..., m, k) and (..., k, n)", a, b)
    if not (cnp.PyTypeNum_ISINTEGER(kind) and cnp.PyArray_ITEMSIZE(a) != 2
            and cnp.PyArray_EquivTypenums(kind, cnp.PyArray_TYPE(b))):
        doors.floating("matmul", "a and b", a, b)
    a, b = doors.native(a), doors.native(b)
    sizes(&s.p, a, b)
    broadcast(&s, a, b)
    for i in range(s.ndim):
        shape[i] = s.shape[i]
    shape[s.ndim], shape[s.ndim + 1] = s.p.m, s.p.n
    cdef cnp.ndarray out = buffers.empty(s.ndim + 2, shape, kind)
    if cnp.PyArray_SIZE(out):
        fold(&s)
        dispatch(a, b, out, &s, False)
    return out
