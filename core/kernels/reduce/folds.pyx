"""Loops of the reductions: they add rows of numbers to a row of accumulators, or fold runs.

One row is many independent sums, which the compiler vectorizes without changing their order.  A
run is dealt out to lanes, which are such a row, and the lanes are added up as a tree."""

from libc.math cimport INFINITY
from libc.stdint cimport INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN

from plugrad.kernels.reduce.door cimport ALL, ANY, MAX, MIN, PROD, SUM
from plugrad.kernels.base.typenums cimport (
    BOOL, FLOAT32, FLOAT64, INT32, INT64, SLOTS, UINT8, int32_t, int64_t, is_nan, number, uint8_t,
)

ctypedef fused total:           # what the accumulators are
    uint8_t
    int32_t
    int64_t
    float
    double

cdef enum:
    LANES = 64          # four vectors of float32 with AVX-512: they hide how long an add takes

cdef fold_t table[ALL + 1][SLOTS]
cdef run_t run_table[ALL + 1][SLOTS]


cdef inline total combine(int op, total t, number x) noexcept nogil:
    """One more element x on accumulator t."""
    cdef total y = <total> x
    if op == SUM:
        return t + y
    if op == PROD:
        return t * y
    if op == MAX:               # NaN wins and stays
        return t if (t >= y) | is_nan(t) else y
    if op == MIN:
        return t if (t <= y) | is_nan(t) else y
    if op == ANY:
        return (t != 0) | (x != 0)
    return (t != 0) & (x != 0)


cdef inline void fold(
        int op, number* a, Py_ssize_t stride, Py_ssize_t count, total* out, Py_ssize_t width,
        ) noexcept nogil:
    """The body of every row loop below, for a constant op."""
    cdef Py_ssize_t i, j
    cdef total t
    cdef number* b
    cdef number* c
    cdef number* d
    if width == 1:
        t = out[0]
        for i in range(count):
            t = combine(op, t, (<number*> (<char*> a + i * stride))[0])
        out[0] = t
        return
    while count >= 4:           # the accumulators are read and written once for four rows
        b = <number*> (<char*> a + stride)
        c = <number*> (<char*> b + stride)
        d = <number*> (<char*> c + stride)
        for j in range(width):
            out[j] = combine(op, combine(op, combine(op, combine(op, out[j], a[j]), b[j]), c[j]),
                             d[j])
        a = <number*> (<char*> d + stride)
        count -= 4
    for _ in range(count):
        for j in range(width):
            out[j] = combine(op, out[j], a[j])
        a = <number*> (<char*> a + stride)


cdef inline void run(int op, number* a, Py_ssize_t n, total* out, total* start) noexcept nogil:
    """The body of every run loop below, for a constant op.  While the lanes are halved, a bit of n
    says whether as many elements are left over; loops of constant length become single vectors."""
    cdef Py_ssize_t i, j
    cdef total lane[LANES]
    cdef total t = start[0]
    if n >= 8:
        for j in range(LANES):
            lane[j] = t
        for _ in range(n / LANES):
            for j in range(LANES):
                lane[j] = combine(op, lane[j], a[j])
            a += LANES
        if n >= LANES:
            for j in range(32):
                lane[j] = combine(op, lane[j], lane[j + 32])
        if n & 32:
            for j in range(32):
                lane[j] = combine(op, lane[j], a[j])
            a += 32
        if n >= 32:
            for j in range(16):
                lane[j] = combine(op, lane[j], lane[j + 16])
        if n & 16:
            for j in range(16):
                lane[j] = combine(op, lane[j], a[j])
            a += 16
        if n >= 16:
            for j in range(8):
                lane[j] = combine(op, lane[j], lane[j + 8])
        if n & 8:
            for j in range(8):
                lane[j] = combine(op, lane[j], a[j])
            a += 8
        for j in range(4):
            lane[j] = combine(op, lane[j], lane[j + 4])
        t = combine(op, combine(op, lane[0], lane[2]), combine(op, lane[1], lane[3]))
    for i in range(n & 7):
        t = combine(op, t, a[i])
    out[0] = t


cdef void fold_sum(
        number* a, Py_ssize_t stride, Py_ssize_t count, total* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(SUM, a, stride, count, out, width)


cdef void run_sum(number* a, Py_ssize_t n, total* out, total* start) noexcept nogil:
    run(SUM, a, n, out, start)


cdef void fold_prod(
        number* a, Py_ssize_t stride, Py_ssize_t count, total* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(PROD, a, stride, count, out, width)


cdef void run_prod(number* a, Py_ssize_t n, total* out, total* start) noexcept nogil:
    run(PROD, a, n, out, start)


cdef void fold_max(
        number* a, Py_ssize_t stride, Py_ssize_t count, number* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(MAX, a, stride, count, out, width)


cdef void run_max(number* a, Py_ssize_t n, number* out, number* start) noexcept nogil:
    run(MAX, a, n, out, start)


cdef void fold_min(
        number* a, Py_ssize_t stride, Py_ssize_t count, number* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(MIN, a, stride, count, out, width)


cdef void run_min(number* a, Py_ssize_t n, number* out, number* start) noexcept nogil:
    run(MIN, a, n, out, start)


cdef void fold_any(
        number* a, Py_ssize_t stride, Py_ssize_t count, uint8_t* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(ANY, a, stride, count, out, width)


cdef void run_any(number* a, Py_ssize_t n, uint8_t* out, uint8_t* start) noexcept nogil:
    run(ANY, a, n, out, start)


cdef void fold_all(
        number* a, Py_ssize_t stride, Py_ssize_t count, uint8_t* out, Py_ssize_t width,
        ) noexcept nogil:
    fold(ALL, a, stride, count, out, width)


cdef void run_all(number* a, Py_ssize_t n, uint8_t* out, uint8_t* start) noexcept nogil:
    run(ALL, a, n, out, start)


cdef void fill(int slot, number* kind) noexcept:
    """The column of the table for one dtype; kind only names it."""
    if number is float or number is double:
        table[<int> SUM][slot] = <fold_t> fold_sum[number, number]
        table[<int> PROD][slot] = <fold_t> fold_prod[number, number]
        run_table[<int> SUM][slot] = <run_t> run_sum[number, number]
        run_table[<int> PROD][slot] = <run_t> run_prod[number, number]
    else:
        table[<int> SUM][slot] = <fold_t> fold_sum[number, int64_t]
        table[<int> PROD][slot] = <fold_t> fold_prod[number, int64_t]
        run_table[<int> SUM][slot] = <run_t> run_sum[number, int64_t]
        run_table[<int> PROD][slot] = <run_t> run_prod[number, int64_t]
    table[<int> MAX][slot] = <fold_t> fold_max[number]
    table[<int> MIN][slot] = <fold_t> fold_min[number]
    table[<int> ANY][slot] = <fold_t> fold_any[number]
    table[<int> ALL][slot] = <fold_t> fold_all[number]
    run_table[<int> MAX][slot] = <run_t> run_max[number]
    run_table[<int> MIN][slot] = <run_t> run_min[number]
    run_table[<int> ANY][slot] = <run_t> run_any[number]
    run_table[<int> ALL][slot] = <run_t> run_all[number]


fill(BOOL, <uint8_t*> NULL)
fill(UINT8, <uint8_t*> NULL)
fill(INT32, <int32_t*> NULL)
fill(INT64, <int64_t*> NULL)
fill(FLOAT32, <float*> NULL)
fill(FLOAT64, <double*> NULL)
table[<int> MAX][<int> BOOL] = table[<int> ANY][<int> BOOL]
table[<int> MIN][<int> BOOL] = table[<int> ALL][<int> BOOL]
run_table[<int> MAX][<int> BOOL] = run_table[<int> ANY][<int> BOOL]
run_table[<int> MIN][<int> BOOL] = run_table[<int> ALL][<int> BOOL]


cdef fold_t fold_loop(int op, int slot) noexcept nogil:
    return table[op][slot]


cdef run_t run_loop(int op, int slot) noexcept nogil:
    return run_table[op][slot]


cdef int total_slot(int op, int slot) noexcept nogil:
    """The dtype of the accumulators and of the result."""
    if op == ANY or op == ALL:
        return BOOL
    if (op == SUM or op == PROD) and slot < FLOAT32:
        return INT64
    return slot


cdef void identity(int op, int slot, void* out) noexcept nogil:
    """The accumulator that has seen nothing yet, of the dtype of the result."""
    cdef double least = -INFINITY if op == MAX else INFINITY
    if slot == FLOAT64 or slot == FLOAT32:
        if op == SUM:
            least = 0
        elif op == PROD:
            least = 1
        if slot == FLOAT64:
            (<double*> out)[0] = least
        else:
            (<float*> out)[0] = <float> least
    elif slot == INT64:
        if op == SUM or op == PROD:
            (<int64_t*> out)[0] = op == PROD
        else:
            (<int64_t*> out)[0] = INT64_MIN if op == MAX else INT64_MAX
    elif slot == INT32:
        (<int32_t*> out)[0] = INT32_MIN if op == MAX else INT32_MAX
    elif slot == UINT8:
        (<uint8_t*> out)[0] = 0 if op == MAX else 255
    else:
        (<uint8_t*> out)[0] = op == ALL or op == MIN
