"""Attention without a matrix of scores: a block of queries meets a block of keys at a time.

What softmax needs of the blocks before is kept for each query, the largest score and the sum so
far (Milakov and Gimelshein, 2018); backward computes the scores once more (Dao et al., 2022)."""

cimport numpy as cnp
from libc.math cimport INFINITY, exp, log
from libc.stdint cimport uint8_t

from plugrad.kernels.base cimport buffers, doors
from plugrad.kernels.matmul.gemm cimport (
    Product, multiply, multiply_packed, pack_b, packed_size, scratch,
)
from plugrad.kernels.elementwise.points cimport exp_point
from plugrad.kernels.rows.rowwise cimport dot, times
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    QUERIES = 64               # of a block: its scores stay in the L1 cache,
    KEYS = 128                 # and those of a block, packed, in the L2 cache
    SECTION = 512              # queries of a piece of forward's work
    PIECES = 8                 # of backward's work that are enough for all threads
    SPEED = 8                  # multiplications in the time of another operation on a number
    LANES = 32                 # of a row, in vectors
    APART = 16                 # elements between two threads' scratch memory

cdef enum Masking:
    NOTHING, CHOSEN, ADDED     # no mask; bool, True for what is seen; numbers added to the scores

# Matrices (rows, columns), one for each head of each example.  Strides count elements.
cdef struct Heads:
    void* data
    Py_ssize_t* at             # where each head's begins
    Py_ssize_t row, column     # from row to row, and along a row

# What the threads share.  L queries, S keys; E columns of q and k, V of v.
cdef struct Job:
    Heads q, k, v, mask, y, g, dq, dk, dv
    void* lse                  # (heads, L): log Σ exp(scores), infinite where nothing is seen
    void* work
    Py_ssize_t heads, L, S, E, V
    Py_ssize_t parts           # pieces that a head is cut into
    Py_ssize_t keys            # of a block
    Py_ssize_t packed_e, packed_v, packed_k, product, size   # elements of scratch memory
    Masking masking
    double scale
    bint causal, backward
    int kind


cdef inline real* rows(const Heads* a, Py_ssize_t head, Py_ssize_t i, real* _) noexcept nogil:
    """Where row i of that head's matrix is."""
    return <real*> a.data + a.at[head] + i * a.row


# --------------------------------------------------------------------------------- a block's scores

cdef inline Py_ssize_t pack_keys(const Job* s, Py_ssize_t head, Py_ssize_t j, Py_ssize_t n,
                                 real* out) noexcept nogil:
    """Pack n keys for `meet`, scaled: they are fewer than scores."""
    cdef Product p = Product(m=0, n=n, k=s.E, ra=0, ca=0, rb=1, cb=s.k.row, rc=0, cc=0)
    pack_b(rows(&s.k, head, j, out), &p, out)
    times(out, <real> s.scale, packed_size(&p))
    return n


cdef inline void hide(const Job* s, Py_ssize_t head, Py_ssize_t i, Py_ssize_t j, Py_ssize_t n,
                      real* x) noexcept nogil:          # IN and OUT (n,)
    """What the mask does to the scores of query i for the keys from j on."""
    cdef Py_ssize_t c, step = s.mask.column
    cdef const uint8_t* chosen
    cdef const real* added
    if s.masking == CHOSEN:
        chosen = <const uint8_t*> s.mask.data + s.mask.at[head] + i * s.mask.row + j * step
        for c in range(n):
            x[c] = x[c] if chosen[c * step] else <real> -INFINITY
    elif s.masking == ADDED:
        added = rows(&s.mask, head, i, x) + j * step
        for c in range(n):
            x[c] += added[c * step]


cdef inline void meet(const Job* s, Py_ssize_t head, Py_ssize_t i, Py_ssize_t m, Py_ssize_t j,
                      Py_ssize_t n, const real* keys,   # IN  (E, n), packed
                      real* x) noexcept nogil:          # OUT (m, n), rows s.keys apart
    """The scores of m queries for n keys."""
    cdef Py_ssize_t r
    cdef Product p = Product(m=m, n=n, k=s.E, ra=s.q.row, ca=1, rb=0, cb=0, rc=s.keys, cc=1)
    multiply_packed(rows(&s.q, head, i, x), keys, x, &p, False)
    if s.masking != NOTHING:
        for r in range(m):
            hide(s, head, i + r, j, n, x + r * s.keys)


cdef inline void clear(real* x, Py_ssize_t first, Py_ssize_t past) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(first, past):
        x[c] = 0


cdef inline Py_ssize_t seen(const Job* s, Py_ssize_t i, Py_ssize_t j, Py_ssize_t n,
                            real* x) noexcept nogil:    # IN and OUT (n,)
    """How many of n keys from j on query i has to do with.  It sees those before it; the next ones
    get -inf, so that they are whole vectors, and the others 0."""
    cdef Py_ssize_t c, few, wide
    if not s.causal or j + n <= i + 1:
        return n
    few = max(<Py_ssize_t> 0, i + 1 - j)
    wide = min(n, (few + LANES - 1) // LANES * LANES)
    for c in range(few, wide):
        x[c] = <real> -INFINITY
    clear(x, wide, n)
    return wide


cdef inline void exps_below(real* x, real top, Py_ssize_t n) noexcept nogil:
    """x = exp(x - top)"""
    cdef Py_ssize_t c
    for c in range(n):
        x[c] = <real> (exp_point(x[c] - top) if real is float else exp(x[c] - top))


# ------------------------------------------------------------------------------------------ forward

# Rows of a block are short, so the lanes that vectors leave are folded in halves, not one by one.

cdef inline real top_of(const real* x, Py_ssize_t n, real top) noexcept nogil:
    """The largest of top and x, but for NaN, which counts as nothing here."""
    cdef real lane[LANES]
    cdef Py_ssize_t i, j
    for j in range(LANES):
        lane[j] = top
    for i from 0 <= i <= n - LANES by LANES:
        for j in range(LANES):
            lane[j] = x[i + j] if x[i + j] > lane[j] else lane[j]
    for i in range(n - n % LANES, n):
        lane[0] = x[i] if x[i] > lane[0] else lane[0]
    for j in range(LANES // 2):
        lane[j] = lane[LANES // 2 + j] if lane[LANES // 2 + j] > lane[j] else lane[j]
    for j in range(LANES // 4):
        lane[j] = lane[LANES // 4 + j] if lane[LANES // 4 + j] > lane[j] else lane[j]
    for j in range(LANES // 4):
        top = lane[j] if lane[j] > top else top
    return top


cdef inline real sum_of(const real* x, Py_ssize_t n) noexcept nogil:
    cdef real lane[LANES]
    cdef real sum = 0
    cdef Py_ssize_t i, j
    for j in range(LANES):
        lane[j] = 0
    for i from 0 <= i <= n - LANES by LANES:
        for j in range(LANES):
            lane[j] += x[i + j]
    for j in range(LANES // 2):
        lane[j] += lane[LANES // 2 + j]
    for j in range(LANES // 4):
        lane[j] += lane[LANES // 4 + j]
    for j in range(LANES // 4):
        sum += lane[j]
    for i in range(n - n % LANES, n):
        sum += x[i]
    return sum


cdef inline void weigh(real* x, Py_ssize_t n,           # IN scores, OUT their exp (n,)
                       real* top, real* sum,            # IN and OUT: of this query so far
                       real* y, Py_ssize_t V) noexcept nogil:   # IN and OUT (V,)
    """exp(x - top), for the largest score up to now; what was gathered below another is scaled."""
    cdef real most = top_of(x, n, top[0]), shift, change
    shift = most if most > -INFINITY else <real> 0     # nothing seen yet: exp(-inf - 0) is 0
    exps_below(x, shift, n)
    if most != top[0]:
        change = <real> (exp_point(top[0] - shift) if real is float else exp(top[0] - shift))
        times(y, change, V)
        sum[0] *= change
        top[0] = most
    sum[0] += sum_of(x, n)


cdef inline void attend(const Job* s, Py_ssize_t head, Py_ssize_t first, Py_ssize_t past,
                        real* work) noexcept nogil:
    """y and lse of the queries from first to past."""
    cdef Py_ssize_t i, j, r, m, n, few
    cdef real* keys = work
    cdef real* values = keys + s.packed_e
    cdef real* x = values + s.packed_v
    cdef real* sums = x + QUERIES * s.keys
    cdef real* y
    cdef real* top = <real*> s.lse + head * s.L
    cdef Product p = Product(m=0, n=s.V, k=0, ra=s.keys, ca=1, rb=s.v.row, cb=1, rc=s.y.row, cc=1)
    for i in range(first, past):
        top[i], sums[i - first] = <real> -INFINITY, 0
        clear(rows(&s.y, head, i, work), 0, s.V)
    for j from 0 <= j < s.S by s.keys:
        if s.causal and j >= past:
            break
        n = p.k = pack_keys(s, head, j, min(s.keys, s.S - j), keys)
        pack_b(rows(&s.v, head, j, work), &p, values)
        for i from first <= i < past by QUERIES:
            m = p.m = min(<Py_ssize_t> QUERIES, past - i)
            if s.causal and j >= i + m:
                continue
            meet(s, head, i, m, j, n, keys, x)
            y = rows(&s.y, head, i, work)
            for r in range(m):
                few = seen(s, i + r, j, n, x + r * s.keys)
                weigh(x + r * s.keys, few, top + i + r, sums + i + r - first, y + r * s.y.row, s.V)
            multiply_packed(x, values, y, &p, True)
    for i in range(first, past):
        if sums[i - first] == 0:
            top[i] = <real> INFINITY
            continue
        times(rows(&s.y, head, i, work), 1 / sums[i - first], s.V)
        top[i] += <real> log(sums[i - first])


# ---------------------------------------------------------------------------------------- backward

cdef inline void slopes(const real* x, real* dx,        # IN probabilities, IN and OUT (n,)
                        Py_ssize_t n, real inner) noexcept nogil:
    """From the gradient of probabilities to that of scores; inner: Σ probability * gradient."""
    cdef Py_ssize_t c
    for c in range(n):
        dx[c] = x[c] * (dx[c] - inner)


cdef inline void differentiate(const Job* s, Py_ssize_t head, Py_ssize_t part, Py_ssize_t first,
                               Py_ssize_t past, real* work) noexcept nogil:
    """dk and dv of the keys from first to past, and what these keys add to dq."""
    cdef Py_ssize_t i, j, r, m, n, few, K = s.keys, table = part * s.heads + head
    cdef real* keys = work
    cdef real* values = keys + s.packed_e
    cdef real* backs = values + s.packed_v
    cdef real* x = backs + s.packed_k
    cdef real* dx = x + QUERIES * K
    cdef real* inner = dx + QUERIES * K
    cdef real* rest = inner + s.L
    cdef real* lse = <real*> s.lse + head * s.L
    cdef Product p = Product(m=0, n=0, k=s.V, ra=s.g.row, ca=1, rb=1, cb=s.v.row, rc=K, cc=1)
    cdef Product to_q = Product(m=0, n=s.E, k=0, ra=K, ca=1, rb=s.k.row, cb=1, rc=s.dq.row, cc=1)
    cdef Product to_k = Product(m=0, n=s.E, k=0, ra=1, ca=K, rb=s.q.row, cb=1, rc=s.dk.row, cc=1)
    cdef Product to_v = Product(m=0, n=s.V, k=0, ra=1, ca=K, rb=s.g.row, cb=1, rc=s.dv.row, cc=1)
    for i in range(s.L):
        inner[i] = <real> dot(rows(&s.g, head, i, work), rows(&s.y, head, i, work), s.V)
        clear(rows(&s.dq, table, i, work), 0, s.E)
    for j in range(first, past):
        clear(rows(&s.dk, head, j, work), 0, s.E)
        clear(rows(&s.dv, head, j, work), 0, s.V)
    for j from first <= j < past by K:
        n = p.n = to_q.k = to_k.m = to_v.m = pack_keys(s, head, j, min(K, past - j), keys)
        pack_b(rows(&s.v, head, j, work), &p, values)
        pack_b(rows(&s.k, head, j, work), &to_q, backs)
        for i from (j // QUERIES * QUERIES if s.causal else 0) <= i < s.L by QUERIES:
            m = p.m = to_q.m = to_k.k = to_v.k = min(<Py_ssize_t> QUERIES, s.L - i)
            meet(s, head, i, m, j, n, keys, x)
            multiply_packed(rows(&s.g, head, i, work), values, dx, &p, False)
            for r in range(m):
                few = seen(s, i + r, j, n, x + r * K)
                exps_below(x + r * K, lse[i + r], few)
                slopes(x + r * K, dx + r * K, few, inner[i + r])
                clear(dx + r * K, few, n)
            multiply_packed(dx, backs, rows(&s.dq, table, i, work), &to_q, True)
            multiply(dx, rows(&s.q, head, i, work), <real*> NULL, rows(&s.dk, head, j, work), &to_k,
                     True, rest)
            multiply(x, rows(&s.g, head, i, work), <real*> NULL, rows(&s.dv, head, j, work), &to_v,
                     True, rest)
    for i in range(s.L):
        times(rows(&s.dq, table, i, work), <real> s.scale, s.E)
    for j in range(first, past):
        times(rows(&s.dk, head, j, work), <real> s.scale, s.E)


# -------------------------------------------------------------------------------- pieces and memory

cdef inline void part_of(const Job* s, Py_ssize_t number, int thread, real* _) noexcept nogil:
    cdef Py_ssize_t head = number % s.heads, part = number // s.heads, blocks, step
    cdef real* work = <real*> s.work + thread * s.size
    if s.backward:
        blocks = (s.S + s.keys - 1) // s.keys
        step = (blocks + s.parts - 1) // s.parts * s.keys
        differentiate(s, head, part, min(part * step, s.S), min((part + 1) * step, s.S), work)
    else:
        attend(s, head, part * SECTION, min(s.L, (part + 1) * SECTION), work)


cdef void piece(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* s = <Job*> context
    if s.kind == cnp.NPY_FLOAT:
        part_of(s, number, thread, <float*> NULL)
    else:
        part_of(s, number, thread, <double*> NULL)


cdef Py_ssize_t whole(Py_ssize_t size) noexcept:
    """So many elements, or more, that what comes behind begins where they do."""
    return (size + APART - 1) // APART * APART


cdef int run(Job* s) except -1:
    """Share out the heads, each cut into parts."""
    cdef Py_ssize_t n = s.keys, pieces = s.heads * s.parts, width = s.E + s.V
    cdef Product p = Product(m=QUERIES, n=n, k=s.E, ra=0, ca=0, rb=0, cb=0, rc=0, cc=0)
    s.packed_e = whole(packed_size(&p))
    p.n, p.k = (n, s.V) if s.backward else (s.V, n)
    s.packed_v = whole(packed_size(&p))
    s.packed_k = s.product = 0
    if s.backward:
        p.n, p.k = s.E, n
        s.packed_k = whole(packed_size(&p))
        p.m, p.n, p.k = n, s.E, QUERIES
        s.product = scratch(&p)
        p.n = s.V
        s.product = max(s.product, scratch(&p))
    s.size = APART + s.packed_e + s.packed_v + (
        s.packed_k + 2 * QUERIES * n + s.L + s.product if s.backward else QUERIES * n + SECTION)
    s.size = whole(s.size)
    cdef int threads = threads_for(pieces, s.heads * s.L * s.S * (width // SPEED + 4))
    cdef cnp.npy_intp size = threads * s.size
    cdef cnp.ndarray work = buffers.empty(1, &size, s.kind)
    s.work = work.data
    with nogil:
        share(piece, s, pieces, threads)
    return 0


# -------------------------------------------------------------------------------------------- doors

cdef cnp.ndarray in_rows(cnp.ndarray a):
    """a itself, or a copy, so that each row lies in one piece."""
    a = doors.native(a)
    cdef int last = cnp.PyArray_NDIM(a) - 1
    if a.strides[last] == cnp.PyArray_ITEMSIZE(a):
        return a
    return a.copy()


cdef cnp.ndarray laid_like(cnp.ndarray a, Py_ssize_t columns):
    """A new array of a's shape but for the columns, heads inside of rows if a has them so: what
    joined the heads then finds them side by side."""
    cdef cnp.npy_intp shape[64]
    cdef int i, last = cnp.PyArray_NDIM(a) - 1
    cdef bint inside = last > 1 and a.shape[last - 2] > 1 and (
        a.strides[last - 2] < a.strides[last - 1])
    for i in range(last):
        shape[i] = a.shape[i]
    shape[last] = columns
    if not inside:
        return buffers.empty(last + 1, shape, cnp.PyArray_TYPE(a))
    shape[last - 2], shape[last - 1] = shape[last - 1], shape[last - 2]
    return buffers.empty(last + 1, shape, cnp.PyArray_TYPE(a)).swapaxes(last - 2, last - 1)


cdef cnp.ndarray places(Heads* h, cnp.ndarray a):
    """Fill in h for a's last two dimensions; the others count heads.  Gives what must be kept."""
    cdef int d, last = cnp.PyArray_NDIM(a) - 1
    cdef Py_ssize_t width = cnp.PyArray_ITEMSIZE(a), i, rest, at
    cdef cnp.npy_intp heads = 1
    for d in range(last - 1):
        heads *= a.shape[d]
    cdef cnp.ndarray table = buffers.empty(1, &heads, cnp.NPY_INTP)
    h.data, h.at = a.data, <Py_ssize_t*> table.data
    h.row, h.column = a.strides[last - 1] // width, a.strides[last] // width
    for i in range(heads):
        rest, at = i, 0
        for d in range(last - 2, -1, -1):
            at += rest % a.shape[d] * (a.strides[d] // width)
            rest //= a.shape[d]
        h.at[i] = at
    return table


cdef cnp.ndarray checked(str name, cnp.ndarray a, cnp.ndarray q, Py_ssize_t m, Py_ssize_t n):
    """a, in rows.  Raises RuntimeError unless it is a batch of matrices (m, n) like q's."""
    doors.floating("attention", f"q and {name}", q, a)
    cdef tuple expected = (<object> q).shape[:-2] + (m, n)
    if (<object> a).shape != expected:
        raise RuntimeError(f"attention: expected {name} of shape {expected}, got "
                           f"{(<object> a).shape}")
    return in_rows(a)


cdef list begin(Job* s, cnp.ndarray q, cnp.ndarray k, cnp.ndarray v, cnp.ndarray mask, bint causal,
                double scale):
    """Check and note what both directions take.  Gives what must be kept while s is in use."""
    if cnp.PyArray_NDIM(q) < 2 or cnp.PyArray_NDIM(k) < 2 or cnp.PyArray_NDIM(v) < 2:
        raise RuntimeError(f"attention: expected q (..., L, E), got {(<object> q).shape}")
    cdef int last = cnp.PyArray_NDIM(q) - 1
    s.L, s.E = q.shape[last - 1], q.shape[last]
    s.S, s.V = k.shape[cnp.PyArray_NDIM(k) - 2], v.shape[cnp.PyArray_NDIM(v) - 1]
    q = checked("q", q, q, s.L, s.E)
    k = checked("k", k, q, s.S, s.E)
    v = checked("v", v, q, s.S, s.V)
    if 0 in (s.L, s.S, s.E, s.V):
        raise RuntimeError("attention: expected at least one query, key and column, got q "
                           f"{(<object> q).shape} and v {(<object> v).shape}")
    s.kind, s.scale, s.causal = cnp.PyArray_TYPE(q), scale, causal
    s.keys = min(s.S, <Py_ssize_t> KEYS)
    cdef list kept = [q, k, v, places(&s.q, q), places(&s.k, k), places(&s.v, v)]
    s.heads = len(kept[3])
    s.masking, s.mask.column = NOTHING, 0
    if mask is not None:
        s.masking = CHOSEN if cnp.PyArray_TYPE(mask) == cnp.NPY_BOOL else ADDED
        if s.masking == ADDED:
            doors.floating("attention", "q and a mask", q, mask)
        mask = doors.native(mask)
        if (<object> mask).shape != (<object> q).shape[:-1] + (s.S,):
            raise RuntimeError(f"attention: expected a mask of shape "
                               f"{(<object> q).shape[:-1] + (s.S,)}, got {(<object> mask).shape}")
        kept += [mask, places(&s.mask, mask)]
    return kept


def attention(cnp.ndarray q, cnp.ndarray k, cnp.ndarray v, mask, bint causal, double scale):
    """y = softmax(q @ k.T * scale + mask) @ v, and log Σ exp of the scores for attention_backward

    q: (..., L, E)   k: (..., S, E)   v: (..., S, V)   y: (..., L, V)
    mask: None, or (..., L, S), bool or like q   causal: query i sees keys 0 to i
    A query that sees nothing gets 0.  Raises RuntimeError for shapes or dtypes that do not fit."""
    cdef Job s
    cdef list kept = begin(&s, q, k, v, mask, causal, scale)
    cdef cnp.npy_intp shape[2]
    shape = [s.heads, s.L]
    cdef cnp.ndarray y = laid_like(kept[0], s.V), lse = buffers.empty(2, shape, s.kind)
    kept.append(places(&s.y, y))
    s.lse, s.backward, s.parts = lse.data, False, (s.L + SECTION - 1) // SECTION
    run(&s)
    return y, lse


def attention_backward(cnp.ndarray g, cnp.ndarray q, cnp.ndarray k, cnp.ndarray v, mask,
                       cnp.ndarray y, cnp.ndarray lse, bint causal, double scale):
    """dL/dq, dL/dk and dL/dv from g = dL/dy; all else is what `attention` took and gave."""
    cdef Job s
    cdef list kept = begin(&s, q, k, v, mask, causal, scale)
    cdef cnp.npy_intp shape[64]
    cdef int i, ndim = cnp.PyArray_NDIM(q)
    g = checked("gradient", g, q, s.L, s.V)
    y = checked("y", y, q, s.L, s.V)
    lse = doors.in_order(lse)
    if (<object> lse).shape != (s.heads, s.L) or cnp.PyArray_TYPE(lse) != s.kind:
        raise RuntimeError(f"attention: expected lse of shape {(s.heads, s.L)}, got "
                           f"{(<object> lse).shape}")
    # Where there are few heads, their keys are cut into parts, by sizes alone, each with a dq.
    s.parts = max(<Py_ssize_t> 1, min((s.S + s.keys - 1) // s.keys,
                                      PIECES // max(<Py_ssize_t> 1, s.heads)))
    shape[0] = s.parts
    for i in range(ndim):
        shape[i + 1] = q.shape[i]
    cdef cnp.ndarray dq = (laid_like(kept[0], s.E) if s.parts == 1
                           else buffers.empty(ndim + 1, shape, s.kind))
    cdef cnp.ndarray dk = laid_like(kept[1], s.E), dv = laid_like(kept[2], s.V)
    kept += [places(&s.y, y), places(&s.g, g), places(&s.dq, dq), places(&s.dk, dk),
             places(&s.dv, dv)]
    s.lse, s.backward = lse.data, True
    run(&s)
    return dq if s.parts == 1 else dq.sum(0), dk, dv
