"""C = A @ B: panels of A and B are packed into the caches, a register tile multiplies them
(Goto and van de Geijn, 2008)."""

cimport numpy as cnp
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.panels cimport LANES, MR, pack_columns, pack_rows, strips, tile_columns
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.matmul.tile cimport Block, block
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    KC = 256           # depth of a panel: a strip of B, KC * NR, stays in the L1 cache
    MC = 144           # rows of a packed block of A, which stays in the L2 cache
    NC = 1024          # columns of a packed block of B, which stays in the L3 cache,
    ONCE = 256         # or in the L2 cache, where one block of A is all there is
    FEW = 4096         # elements of B that are not worth packing: they are in the cache already
    TINY = 64          # multiplications up to which a tile does not pay
    STACK = 2048       # elements of panels that fit on the stack: 32 x 32 matrices
    NO_GIL = 32768     # multiplications from which on releasing the GIL pays
    SPEED = 8          # of them in the time of another operation on a number
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


cdef inline Py_ssize_t columns(const Product* s) noexcept nogil:
    """Columns of a block of B, at most."""
    return ONCE if s.m <= MC else NC


cdef void packed(const real* a, const real* b,    # IN
                 const real* start,               # IN  (n,) or NULL
                 real* c,                         # OUT
                 const Product* s, bint accumulate, real* work) noexcept nogil:
    """The product in blocks.  A is packed unless its rows lie as the tile reads them, B unless it
    is small or soon done with.  Each element of C is summed in the same order whatever m, n and the
    strides are."""
    cdef Py_ssize_t m, n, k, i, j, p, whole, NR = tile_columns(a), most = columns(s)
    cdef Block of_a, as_it_lies = Block(NR, 1, s.rb), of_b
    cdef real* panel_b
    cdef real* y
    cdef const real* x
    cdef const real* block_a
    cdef const real* first
    cdef bint add
    for j from 0 <= j < s.n by most:
        n = min(s.n - j, most)
        for p from 0 <= p < s.k by KC:
            k = min(s.k - p, <Py_ssize_t> KC)
            panel_b = work + k * MR * strips(min(s.m, <Py_ssize_t> MC), MR)
            of_b = Block(NR * k, 1, NR)
            x = b + p * s.rb + j * s.cb
            whole = n - n % NR if s.cb == 1 and (s.m <= 3 * MR or k * n <= FEW) else 0
            pack_columns(x + whole * s.cb, s.cb, s.rb, n - whole, k, panel_b)
            add = accumulate or p > 0
            first = start if p == 0 else NULL
            for i from 0 <= i < s.m by MC:
                m = min(s.m - i, <Py_ssize_t> MC)
                block_a = a + i * s.ra + p * s.ca
                of_a = Block(MR * s.ra, s.ra, s.ca)
                if s.ca != 1:
                    pack_rows(block_a, s.ra, s.ca, m, k, work)
                    block_a = work
                    of_a = Block(MR * k, 1, MR)
                y = c + i * s.rc + j * s.cc
                block(block_a, &of_a, x, &as_it_lies, m, whole, k,
                      first + j if first != NULL else NULL, add, y, s.rc, s.cc)
                block(block_a, &of_a, panel_b, &of_b, m, n - whole, k,
                      first + j + whole if first != NULL else NULL, add, y + whole * s.cc, s.rc,
                      s.cc)


cdef void plain(const number* a, const number* b,  # IN
                const number* start,               # IN  (n,) or NULL
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
                y[j * s.cc] = start[j] if start != NULL else 0
        for p in range(s.k):
            x = a[i * s.ra + p * s.ca]
            row = b + p * s.rb
            for j in range(s.n):
                y[j * s.cc] += x * row[j * s.cb]


cdef Py_ssize_t panels(const Product* s) noexcept nogil:
    """Elements of the packed blocks of A and B (NR is widest for floats)."""
    cdef Py_ssize_t NR = tile_columns(<float*> NULL)
    return min(s.k, <Py_ssize_t>KC) * (
        MR * strips(min(s.m, <Py_ssize_t>MC), MR) + NR * strips(min(s.n, columns(s)), NR))


cdef Py_ssize_t scratch(const Product* s) noexcept nogil:
    """How many elements `multiply` needs as `work` for a product of this size."""
    cdef Py_ssize_t size = panels(s)
    return size if size > STACK else 0


cdef void multiply(const real* a, const real* b,  # IN
                   const real* start,             # IN  (n,) or NULL
                   real* c,                       # OUT
                   const Product* s, bint accumulate, real* work) noexcept nogil:
    """C = start + A @ B or C += A @ B; C overlaps neither A nor B.  m, n or k may be zero."""
    cdef real stack[STACK]
    if s.m * s.n * s.k <= TINY or s.k == 0:
        plain(a, b, start, c, s, accumulate)
    else:
        packed(a, b, start, c, s, accumulate, work if panels(s) > STACK else stack)


# ------------------------------------------------------------------ one B for many products

cdef Py_ssize_t packed_size(const Product* s) noexcept nogil:
    """Elements of B packed whole."""
    return s.k * strips(s.n, tile_columns(<float*> NULL)) * tile_columns(<float*> NULL)


cdef void pack_b(const real* b, const Product* s, real* out) noexcept nogil:
    """Pack B whole, for `multiply_packed`."""
    cdef Py_ssize_t p, NR = tile_columns(b)
    for p from 0 <= p < s.k by KC:
        pack_columns(b + p * s.rb, s.cb, s.rb, s.n, min(s.k - p, <Py_ssize_t> KC),
                     out + p * strips(s.n, NR) * NR)


cdef void multiply_packed(const real* a, const real* packed_b,  # IN
                          real* c,                              # OUT
                          const Product* s, bint accumulate) noexcept nogil:
    """C = A @ B or C += A @ B; C overlaps neither.  s.rb and s.cb do not matter any more."""
    cdef Py_ssize_t p, k, NR = tile_columns(a)
    cdef Block of_a = Block(MR * s.ra, s.ra, s.ca), of_b
    for p from 0 <= p < s.k by KC:
        k = min(s.k - p, <Py_ssize_t> KC)
        of_b = Block(NR * k, 1, NR)
        block(a + p * s.ca, &of_a, packed_b + p * strips(s.n, NR) * NR, &of_b, s.m, s.n, k,
              <const real*> NULL, accumulate or p > 0, c, s.rc, s.cc)


# ------------------------------------------------------------------------- batches and threads

# What the threads share: products in groups, or one product cut into slabs of C's rows or columns.
cdef struct Job:
    void* a
    void* b
    void* start
    void* c
    void* work                  # scratch elements for each thread
    const Batch* s
    Py_ssize_t products, group, scratch, rows, columns
    int kind
    bint accumulate


cdef inline void one(const number* a, const number* b, const number* start, number* c,
                     const Product* p, bint accumulate, number* work) noexcept nogil:
    if number is float or number is double:
        multiply(a, b, start, c, p, accumulate, work)
    else:
        plain(a, b, start, c, p, accumulate)


cdef inline void products(const Job* job, Py_ssize_t piece, int thread,
                          number* _) noexcept nogil:
    """One group of the products of a batch."""
    cdef const Batch* s = job.s
    cdef Py_ssize_t i, rest, at_a, at_b, at_c, first = piece * job.group
    cdef int d
    for i in range(first, min(first + job.group, job.products)):
        rest, at_a, at_b, at_c = i, 0, 0, 0
        for d in range(s.ndim - 1, -1, -1):
            at_a += rest % s.shape[d] * s.sa[d]
            at_b += rest % s.shape[d] * s.sb[d]
            at_c += rest % s.shape[d] * s.sc[d]
            rest //= s.shape[d]
        one(<number*> job.a + at_a, <number*> job.b + at_b, <number*> job.start,
            <number*> job.c + at_c, &s.p, job.accumulate, <number*> job.work + thread * job.scratch)


cdef inline void slab(const Job* job, Py_ssize_t piece, int thread, number* _) noexcept nogil:
    """Some rows, or some columns, of the only product."""
    cdef Product p = job.s.p
    cdef Py_ssize_t i = piece * job.rows if job.rows < p.m else 0
    cdef Py_ssize_t j = piece * job.columns if job.columns < p.n else 0
    p.m, p.n = min(job.rows, p.m - i), min(job.columns, p.n - j)
    one(<number*> job.a + i * p.ra, <number*> job.b + j * p.cb,
        <number*> job.start + j if job.start != NULL else NULL,
        <number*> job.c + i * p.rc + j * p.cc, &p, job.accumulate,
        <number*> job.work + thread * job.scratch)


cdef inline void part(const Job* job, Py_ssize_t piece, int thread, number* kind) noexcept nogil:
    if job.products == 1:
        slab(job, piece, thread, kind)
    else:
        products(job, piece, thread, kind)


cdef void any_part(void* context, Py_ssize_t piece, int thread) noexcept nogil:
    """`part` for the dtype at hand."""
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        part(job, piece, thread, <float*> NULL)
    elif job.kind == cnp.NPY_DOUBLE:
        part(job, piece, thread, <double*> NULL)
    elif job.kind == cnp.NPY_UINT8:
        part(job, piece, thread, <uint8_t*> NULL)
    elif job.kind == cnp.NPY_UINT32:
        part(job, piece, thread, <uint32_t*> NULL)
    else:
        part(job, piece, thread, <uint64_t*> NULL)


cdef inline int unsigned_kind(cnp.ndarray a) noexcept:
    """The type number of a's floats, or of the unsigned integers of its width."""
    cdef int kind = cnp.PyArray_TYPE(a), width = cnp.PyArray_ITEMSIZE(a)
    if cnp.PyTypeNum_ISFLOAT(kind):
        return kind
    return cnp.NPY_UINT8 if width == 1 else cnp.NPY_UINT32 if width == 4 else cnp.NPY_UINT64


cdef int run(cnp.ndarray a, cnp.ndarray b, cnp.ndarray start, cnp.ndarray c, const Batch* s,
             bint accumulate) except -1:
    """Cut the work into pieces, with scratch memory for every thread, and release the GIL where
    that pays."""
    cdef Job job
    cdef cnp.ndarray memory
    cdef Py_ssize_t one_product = max(<Py_ssize_t> 1, s.p.m * s.p.n * s.p.k), pieces, size
    cdef int i, threads
    job.a, job.b, job.c = cnp.PyArray_DATA(a), cnp.PyArray_DATA(b), cnp.PyArray_DATA(c)
    job.start = cnp.PyArray_DATA(start) if start is not None else NULL
    job.work, job.s, job.accumulate, job.kind = NULL, s, accumulate, unsigned_kind(a)
    job.products = 1
    for i in range(s.ndim):
        job.products *= s.shape[i]
    job.rows, job.columns = s.p.m, s.p.n
    if job.products > 1:
        job.group = max(<Py_ssize_t> 1, NO_GIL // one_product)
        pieces = strips(job.products, job.group)
        threads = threads_for(pieces, one_product * job.products // SPEED)
    else:                                         # the longer side of C, in whole tiles
        threads = threads_for(max(s.p.m // MR, s.p.n // LANES), one_product // SPEED)
        if s.p.m >= s.p.n:
            job.rows = strips(strips(s.p.m, threads), MR) * MR
            pieces = strips(s.p.m, job.rows)
        else:
            job.columns = strips(strips(s.p.n, threads), LANES) * LANES
            pieces = strips(s.p.n, job.columns)
    job.scratch = scratch(&s.p) if cnp.PyTypeNum_ISFLOAT(job.kind) else 0
    if job.scratch:
        size = job.scratch * threads
        memory = buffers.empty(1, <cnp.npy_intp*> &size, job.kind)
        job.work = cnp.PyArray_DATA(memory)
    if one_product * job.products > NO_GIL:
        with nogil:
            share(any_part, &job, pieces, threads)
    else:
        share(any_part, &job, pieces, 1)
    return 0


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
        run(a, b, None, out, &s, accumulate)
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


cpdef cnp.ndarray matmul(cnp.ndarray a, cnp.ndarray b, cnp.ndarray start=None):
    """start + a @ b        a: (..., m, k)   b: (..., k, n)   start: (n,)   result: (..., m, n)

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
    if start is not None:
        if (cnp.PyArray_NDIM(start) != 1 or start.shape[0] != b.shape[nb - 1]
                or not cnp.PyArray_EquivTypenums(kind, cnp.PyArray_TYPE(start))):
            raise RuntimeError(
                f"matmul: expected start of shape ({b.shape[nb - 1]},) and the dtype of a and b, "
                f"got {(<object>start).shape} {start.dtype}")
        start = doors.in_order(start)
    sizes(&s.p, a, b)
    broadcast(&s, a, b)
    for i in range(s.ndim):
        shape[i] = s.shape[i]
    shape[s.ndim], shape[s.ndim + 1] = s.p.m, s.p.n
    cdef cnp.ndarray out = buffers.empty(s.ndim + 2, shape, kind)
    if cnp.PyArray_SIZE(out):
        fold(&s)
        run(a, b, start, out, &s, False)
    return out
