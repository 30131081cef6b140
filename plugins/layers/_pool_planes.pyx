"""Pooling's loops over planes, with vectors and threads.

Short rows are the rule here, and what does not fill a vector takes longer than all that does; so
loops go on beyond a row's end wherever that harms nothing."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from plugrad.kernels.base cimport buffers
from plugrad.kernels.matmul.panels cimport copy_every, lanes, strips, vdouble, vector, vfloat
from plugrad.kernels.base.threads cimport LIGHT, share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    PIECE = 1 << 14            # pixels that a thread takes at once
    APART = 16                 # elements between two threads' scratch memory
    SPARE = 64                 # elements behind scratch memory that may be read or written: 4 L

# What the threads share: planes of pixels, planes of windows, and where each window's pixel lies.
cdef struct Job:
    const Pool* s
    What what
    void* pixels
    void* windows
    int64_t* at
    int64_t* wrong             # of each piece: a place that is no pixel, or -1
    void* rows                 # scratch memory of each thread
    Py_ssize_t planes          # of a piece
    int kind


cdef inline Py_ssize_t whole(Py_ssize_t n, const real* x) noexcept nogil:
    """n rounded up to whole vectors.  What a loop does beyond the end of a row is overwritten by
    the next row, or lies in scratch memory that has SPARE elements more: short rows are fast only
    where no elements are left over."""
    return strips(n, lanes(x)) * lanes(x)


cdef inline void choose(const real* x, real* best, real* place, Py_ssize_t first, Py_ssize_t step,
                        Py_ssize_t count) noexcept nogil:
    """Put x where it beats the best so far, and its place, first + j * step: a whole number as wide
    as a real, so that both fit into vectors alike."""
    cdef Py_ssize_t j
    cdef real v
    cdef bint better
    cdef int32_t* near = <int32_t*> place
    cdef int64_t* far = <int64_t*> place
    for j in range(count):
        v = x[j]
        if real is float:
            better = (v > best[j]) | (v != v) | (near[j] < 0)
            near[j] = <int32_t> (first + j * step) if better else near[j]
        else:
            better = (v > best[j]) | (v != v) | (far[j] < 0)
            far[j] = first + j * step if better else far[j]
        best[j] = v if better else best[j]


cdef inline void largest(const real* x,           # IN  (H, W)
                         Py_ssize_t behind,       # elements from there to the last plane's end
                         real* y, int64_t* at,    # OUT (OH, OW)
                         const Pool* s, real* scratch) noexcept nogil:
    """The largest pixel of each window and its place in the plane, the first of equals.  A NaN is
    larger than anything, the last one counts.  A window without a pixel gives -inf at -1."""
    cdef Py_ssize_t i, j, h, start, n, row = whole(s.OW, x)
    cdef real* best = scratch
    cdef real* place = best + row + SPARE
    cdef real* pixels = place + row + SPARE
    cdef const Run* r
    cdef const Run* end = s.run + s.runs
    for i in range(s.OH):
        for j in range(row):
            best[j] = -INFINITY
        memset(place, -1, row * sizeof(real))
        for h from s.h[i].first <= h < s.h[i].past by s.h[i].step:
            r = s.run
            while r < end:
                start, n = h * s.W + r.pixel, r.count
                if r.window + n == s.OW and start + whole(n, x) * r.step <= behind:
                    n = whole(n, x)
                if r.step == 1:
                    choose(x + start, best + r.window, place + r.window, start, 1, n)
                else:
                    copy_every(x + start, r.step, n, pixels)
                    choose(pixels, best + r.window, place + r.window, start, r.step, n)
                r += 1
        n = min(row, (s.OH - i) * s.OW)
        for j in range(n):
            y[j] = best[j]
        for j in range(n):
            at[j] = (<int32_t*> place)[j] if real is float else (<int64_t*> place)[j]
        y += s.OW
        at += s.OW


cdef inline int64_t scatter(const real* g, const int64_t* at,  # IN  (L,)
                            real* dx,                          # OUT (area,)
                            Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """dx[at[l]] += g[l]; -1 is no place.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t i
    memset(dx, 0, area * sizeof(real))
    for i in range(L):
        if not -1 <= at[i] < area:
            return at[i]
        if at[i] >= 0:
            dx[at[i]] += g[i]
    return -1


cdef inline int64_t gather(const real* x,         # IN  (area,)
                           const int64_t* at,     # IN  (L,)
                           real* y,               # OUT (L,)
                           Py_ssize_t L, Py_ssize_t area) noexcept nogil:
    """y[l] = x[at[l]]; zero where at is -1.  Gives -1, or a place that is no pixel."""
    cdef Py_ssize_t i
    for i in range(L):
        if not -1 <= at[i] < area:
            return at[i]
        y[i] = x[at[i]] if at[i] >= 0 else 0
    return -1


cdef inline void sum_vectors(const vector* x, Py_ssize_t pitch, Py_ssize_t rows,
                             vector* y) noexcept nogil:
    cdef Py_ssize_t i, width = sizeof(float) if vector is vfloat else sizeof(double)
    cdef vector sum = x[0]
    for i in range(1, rows):
        sum = sum + (<const vector*> (<const char*> x + i * pitch * width))[0]
    y[0] = sum


cdef inline void sum_rows(const real* x, Py_ssize_t pitch,   # IN  (rows, n)
                          Py_ssize_t rows, Py_ssize_t n,
                          real* y) noexcept nogil:           # OUT (n,)
    """y = the rows' sum"""
    cdef Py_ssize_t i, j, L = lanes(x)
    if rows <= 0:
        memset(y, 0, n * sizeof(real))
        return
    for j from 0 <= j <= n - L by L:
        if real is float:
            sum_vectors(<const vfloat*> (x + j), pitch, rows, <vfloat*> (y + j))
        else:
            sum_vectors(<const vdouble*> (x + j), pitch, rows, <vdouble*> (y + j))
    for j in range(n - n % L, n):
        y[j] = 0
        for i in range(rows):
            y[j] += x[i * pitch + j]


cdef inline void plus_every(const real* x, Py_ssize_t step, real* y, Py_ssize_t n) noexcept nogil:
    """y += every step-th of x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] += x[i * step]


cdef inline void plus_pairs(const real* x, real* y, Py_ssize_t n) noexcept nogil:
    """y += the sums of neighbors"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i] = y[i] + x[2 * i] + x[2 * i + 1]


cdef inline void plus_to_every(const real* x, real* y, Py_ssize_t step,
                               Py_ssize_t n) noexcept nogil:
    """Every step-th of y += x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[i * step] += x[i]


cdef inline void plus_to_pairs(const real* x, real* y, Py_ssize_t n) noexcept nogil:
    """Two neighbors in y += the same x"""
    cdef Py_ssize_t i
    for i in range(n):
        y[2 * i] += x[i]
        y[2 * i + 1] += x[i]


cdef inline bint paired(const Run* r, const Run* end) noexcept nogil:
    """Whether the run behind r has the pixels that r steps over (an average is not dilated)."""
    return (r.step == 2 and r + 1 < end and r[1].step == 2 and r[1].window == r.window
            and r[1].count == r.count)


cdef inline void average(const real* x,           # IN  (H, W)
                         Py_ssize_t behind,       # elements from there to the last plane's end
                         real* y,                 # OUT (OH, OW)
                         const Pool* s, real* sums) noexcept nogil:
    """The sum of each window over its divisor: first down the rows, then along them."""
    cdef Py_ssize_t i, n, windows = s.OH * s.OW
    cdef const Run* r
    cdef const Run* end = s.run + s.runs
    cdef real* total = sums + s.OH * s.W + SPARE
    cdef real* divisor = <real*> s.divisor
    for i in range(s.OH):
        n = min(whole(s.W, x), behind - (s.h[i].past - 1) * s.W)
        sum_rows(x + s.h[i].first * s.W, s.W, s.h[i].past - s.h[i].first, n, sums + i * s.W)
    memset(total, 0, windows * sizeof(real))
    for i from 0 <= i < s.OH by s.joined:
        r = s.run
        while r < end:
            n = r.count * s.joined
            if paired(r, end):
                plus_pairs(sums + i * s.W + r.pixel, total + i * s.OW + r.window, n)
                r += 1
            elif r.step == 1:
                plus_every(sums + i * s.W + r.pixel, 1, total + i * s.OW + r.window, n)
            elif r.step == 2:
                plus_every(sums + i * s.W + r.pixel, 2, total + i * s.OW + r.window, n)
            else:
                plus_every(sums + i * s.W + r.pixel, r.step, total + i * s.OW + r.window, n)
            r += 1
    for i in range(windows):
        y[i] = total[i] / divisor[i]


cdef inline void spread(const real* g,            # IN  (OH, OW)
                        real* dx,                 # OUT (H, W)
                        const Pool* s, real* sums) noexcept nogil:
    """The transpose of average: each pixel of a window gets its share of g."""
    cdef Py_ssize_t i, h, n, past = 0
    cdef real* shares = sums + s.OH * s.W + SPARE
    cdef real* divisor = <real*> s.divisor
    cdef const Run* r
    cdef const Run* end = s.run + s.runs
    for i in range(s.OH * s.OW):
        shares[i] = g[i] / divisor[i]
    memset(sums, 0, s.OH * s.W * sizeof(real))
    for i from 0 <= i < s.OH by s.joined:
        r = s.run
        while r < end:
            n = r.count * s.joined
            if paired(r, end):
                plus_to_pairs(shares + i * s.OW + r.window, sums + i * s.W + r.pixel, n)
                r += 1
            else:
                plus_to_every(shares + i * s.OW + r.window, sums + i * s.W + r.pixel, r.step, n)
            r += 1
    i = 0
    for h in range(s.H):                          # windows i to past cover the row
        while i < s.OH and s.h[i].past <= h:
            i += 1
        while past < s.OH and s.h[past].first <= h:
            past += 1
        n = min(whole(s.W, g), (s.H - h) * s.W)
        sum_rows(sums + i * s.W, s.W, past - i, n, dx + h * s.W)


# ---------------------------------------------------------------------------------- all planes

cdef inline int64_t plane(const Job* job, Py_ssize_t n, real* scratch) noexcept nogil:
    """One plane.  Gives -1, or a place that is no pixel."""
    cdef const Pool* s = job.s
    cdef Py_ssize_t area = s.H * s.W, L = s.OH * s.OW
    cdef real* x = <real*> job.pixels + n * area
    cdef real* y = <real*> job.windows + n * L
    cdef int64_t* at = job.at + n * L
    cdef Py_ssize_t behind = (s.N - n) * area
    if job.what == LARGEST:
        largest(x, behind, y, at, s, scratch)
    elif job.what == SCATTER:
        return scatter(y, at, x, L, area)
    elif job.what == GATHER:
        return gather(x, at, y, L, area)
    elif job.what == AVERAGE:
        average(x, behind, y, s, scratch)
    else:
        spread(y, x, s, scratch)
    return -1


cdef inline Py_ssize_t scratch_size(const Pool* s) noexcept nogil:
    """Elements of a thread: rows' and windows' sums, or a row of windows, places and pixels."""
    return s.OH * (s.W + s.OW) + 2 * s.OW + 4 * SPARE + APART


cdef void planes(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    cdef Py_ssize_t n, size = scratch_size(job.s)
    cdef int64_t wrong
    for n in range(number * job.planes, min(job.s.N, (number + 1) * job.planes)):
        if job.kind == cnp.NPY_FLOAT:
            wrong = plane(job, n, <float*> job.rows + thread * size)
        else:
            wrong = plane(job, n, <double*> job.rows + thread * size)
        if wrong != -1:
            job.wrong[number] = wrong
            return


cdef int64_t each_plane(What what, const Pool* s, cnp.ndarray pixels, cnp.ndarray windows,
                        cnp.ndarray at) except? -2:
    """Do this with every plane.  Gives -1, or a place in `at` that is no pixel."""
    cdef Job job
    cdef Py_ssize_t pieces, i, area = s.H * s.W
    job.s, job.what, job.kind = s, what, cnp.PyArray_TYPE(pixels)
    job.pixels, job.windows = pixels.data, windows.data
    job.at = <int64_t*> at.data if at is not None else NULL
    job.planes = max(<Py_ssize_t> 1, PIECE // max(<Py_ssize_t> 1, area, s.OH * s.OW))
    pieces = strips(s.N, job.planes)
    cdef int threads = threads_for(pieces, s.N * (area + 2 * s.OH * s.OW) // LIGHT)
    cdef cnp.npy_intp size = threads * scratch_size(s)
    cdef cnp.ndarray rows = buffers.empty(1, &size, job.kind)
    size = pieces
    cdef cnp.ndarray wrong = buffers.empty(1, &size, cnp.NPY_INT64)
    job.rows, job.wrong = rows.data, <int64_t*> wrong.data
    with nogil:
        memset(job.wrong, -1, pieces * sizeof(int64_t))
        share(planes, &job, pieces, threads)
        for i in range(pieces):
            if job.wrong[i] != -1:
                return job.wrong[i]
    return -1
