"""y[o, q] = start[o] + sum over taps t of w[o, t] * x[window q, t], a vector being filters.

A register tile is some neighboring windows by two vectors of filters: weights are packed filter
beside filter, and pixels are read from the framed image one by one."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers
from plugrad.kernels.conv.frames cimport Conv, Plane, offsets_by_row, put_in_frame, put_in_planes
from plugrad.kernels.matmul.panels cimport (
    LANES, MR, NV, any_vector, breadth, copy, element, half, hfloat, lanes, strips, tall,
    tile_columns, vdouble, vfloat,
)
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real
from plugrad.kernels.conv.windows cimport first, past

cnp.import_array()

cdef enum:
    TAPS = 128           # whose weights stay in L1 while windows pass
    FEW = 40             # taps for which sums are not worth reading and writing again
    BLOCK = 192          # windows whose sums do, unless one row has more
    TURN = 8             # multiply-adds in the time of turning a vector's worth of sums around
    SPEED = 8            # multiplications in the time of another operation on a number

# What the threads share; a piece is a band of one group of one image.
cdef struct Job:
    const Conv* s
    void* x
    void* w                      # (G, strips, K, width), packed
    void* start                  # (G, strips of that width)
    void* y
    Plane y_plane
    Py_ssize_t* taps
    void* room                   # a frame and sums for each thread
    Py_ssize_t bands, rows       # of a block
    Py_ssize_t line              # windows from row to row of the sums
    Py_ssize_t strip_size, room_size    # strip_size: the width of all strips
    int kind


cdef inline void tile(int rows, int columns,       # constants: at most MR windows, NV vectors
                      const char* x,               # IN  the first window
                      const Py_ssize_t* taps, Py_ssize_t k,
                      const any_vector* w,         # IN  (k, columns)
                      any_vector* sums) noexcept nogil:      # OUT (rows, columns), added to
    cdef any_vector acc[MR * NV]
    cdef const any_vector* pixels
    cdef Py_ssize_t i, j, t, width = sizeof(double) if any_vector is vdouble else sizeof(float)
    for i in range(rows):
        for j in range(columns):
            acc[i * NV + j] = sums[i * columns + j]
    for t in range(k):
        pixels = <const any_vector*> (x + taps[t] * width)
        for i in range(rows):
            for j in range(columns):
                acc[i * NV + j] += w[t * columns + j] * element(pixels, i)
    for i in range(rows):
        for j in range(columns):
            sums[i * columns + j] = acc[i * NV + j]


cdef inline void some_windows(Py_ssize_t rows, int columns, const char* x, const Py_ssize_t* taps,
                              Py_ssize_t k, const any_vector* w, any_vector* sums) noexcept nogil:
    """`tile` of a height that it is compiled for."""
    if rows == MR:
        tile(MR, columns, x, taps, k, w, sums)
    elif rows == MR // 6 * 5:
        tile(MR // 6 * 5, columns, x, taps, k, w, sums)
    elif rows == MR // 6 * 4:
        tile(MR // 6 * 4, columns, x, taps, k, w, sums)
    elif rows == MR // 6 * 3:
        tile(MR // 6 * 3, columns, x, taps, k, w, sums)
    elif rows == MR // 6 * 2:
        tile(MR // 6 * 2, columns, x, taps, k, w, sums)
    else:
        tile(MR // 6, columns, x, taps, k, w, sums)


cdef inline void any_windows(Py_ssize_t rows, Py_ssize_t width, const real* x,
                             const Py_ssize_t* taps, Py_ssize_t k, const real* w,
                             real* sums) noexcept nogil:
    cdef const char* pixels = <const char*> x
    if real is float:
        if width < lanes(x):
            some_windows(rows, 1, pixels, taps, k, <const hfloat*> w, <hfloat*> sums)
        elif width == lanes(x):
            some_windows(rows, 1, pixels, taps, k, <const vfloat*> w, <vfloat*> sums)
        else:
            some_windows(rows, 2, pixels, taps, k, <const vfloat*> w, <vfloat*> sums)
    elif width == lanes(x):
        some_windows(rows, 1, pixels, taps, k, <const vdouble*> w, <vdouble*> sums)
    else:
        some_windows(rows, 2, pixels, taps, k, <const vdouble*> w, <vdouble*> sums)


cdef inline void add_taps(const Job* job, const real* frame, Py_ssize_t first_row,
                          Py_ssize_t past_row, const Py_ssize_t* taps, Py_ssize_t k,
                          const real* w, Py_ssize_t width, real* sums) noexcept nogil:
    """Some taps' share in the sums of some rows of windows."""
    cdef Py_ssize_t row, left, rows
    cdef const real* x
    cdef real* y
    for row in range(first_row, past_row):
        x = frame + row * job.s.x.h.S * job.s.f.pitch
        y = sums + row * job.line * width
        left = job.line
        while left > 0:
            rows = tall(left)
            any_windows(rows, width, x, taps, k, w, y)
            x += rows
            y += rows * width
            left -= rows


cdef inline Py_ssize_t row_run(const Conv* s) noexcept nogil:
    """Taps that are counted together: those in one row of the filters, unless they are few."""
    return s.x.C * s.x.w.K * (1 if s.x.C * s.x.w.K >= FEW else s.x.h.K)


cdef inline void block(const Job* job, const real* frame, Py_ssize_t top, Py_ssize_t rows,
                       const real* w, const real* start, real* y, real* sums) noexcept nogil:
    """Some rows of windows, all filters.  Rows that see but padding at some taps are left out."""
    cdef const Conv* s = job.s
    cdef Py_ssize_t of_row = s.x.C * s.x.w.K, K = s.x.taps, run = row_run(s)
    cdef Py_ssize_t length = strips(run, strips(run, TAPS))
    cdef Py_ssize_t o = 0, t, k, p, n, width
    while o < s.OC:
        n = breadth(s.OC - o, w)
        width = strips(n, half(w)) * half(w)
        for p in range(rows * job.line):
            copy(start + o, width, sums + p * width)
        t = 0
        while t < K:
            k = min(length, run - t % run)
            add_taps(job, frame, max(<Py_ssize_t> 0, first(&s.x.h, (t + k - 1) // of_row) - top),
                     min(rows, past(&s.x.h, t // of_row) - top), job.taps + t, k, w + t * width,
                     width, sums)
            t += k
        put_in_planes(sums, rows, s.x.w.M, job.line, width, n, &job.y_plane,
                      y + o * job.y_plane.size)
        w += K * width
        o += n


cdef inline void piece(const Job* job, Py_ssize_t number, int thread, real* _) noexcept nogil:
    cdef const Conv* s = job.s
    cdef Py_ssize_t top = number % job.bands * s.f.rows, row
    cdef Py_ssize_t image = number // job.bands // s.G, group = number // job.bands % s.G
    cdef Py_ssize_t rows = min(s.f.rows, s.x.h.M - top)
    cdef real* frame = <real*> job.room + thread * job.room_size
    put_in_frame(<const real*> job.x + image * s.image_stride + group * s.x.C * s.x.c_stride, &s.x,
                 &s.f, top, rows, frame)
    for row from 0 <= row < rows by job.rows:
        block(job, frame + row * s.x.h.S * s.f.pitch, top + row, min(job.rows, rows - row),
              <const real*> job.w + group * job.strip_size * s.x.taps,
              <const real*> job.start + group * job.strip_size,
              <real*> job.y + (image * s.G + group) * s.OC * job.y_plane.size
              + (top + row) * job.y_plane.pitch, frame + s.f.size + LANES)


cdef void any_piece(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        piece(job, number, thread, <float*> NULL)
    else:
        piece(job, number, thread, <double*> NULL)


cdef inline void pack(const real* w, const Py_ssize_t* step, const Conv* s,
                      real* out) noexcept nogil:
    """Weights, `step` apart along (G, OC, C, KH, KW), as (G, strips, KH, C, KW, width)."""
    cdef Py_ssize_t g, o, i, c, j, n, p, width
    cdef const real* x
    for g in range(s.G):
        o = 0
        while o < s.OC:
            n = breadth(s.OC - o, w)
            width = strips(n, half(w)) * half(w)
            for i in range(s.x.h.K):
                for c in range(s.x.C):
                    for j in range(s.x.w.K):
                        x = (w + g * step[0] + o * step[1] + c * step[2] + i * step[3]
                             + j * step[4])
                        for p in range(n):
                            out[p] = x[p * step[1]]
                        for p in range(n, width):
                            out[p] = 0
                        out += width
            o += n


cdef inline void pack_start(const real* start, const Conv* s, Py_ssize_t size,
                            real* out) noexcept nogil:
    cdef Py_ssize_t g, o
    for g in range(s.G):
        for o in range(s.OC):
            out[g * size + o] = start[g * s.OC + o]


cdef Py_ssize_t filters_cost(const Conv* s, Py_ssize_t L, Py_ssize_t least) noexcept nogil:
    """Multiply-adds for an image and a group, empty places included, and those instead of which
    sums are turned around.  Half a vector takes three quarters of the time."""
    cdef Py_ssize_t i, rows = 0, whole = strips(s.OC, L) * L, filled = strips(s.OC, least) * least
    for i in range(s.x.h.K):
        rows += max(<Py_ssize_t> 0, past(&s.x.h, i) - first(&s.x.h, i))
    if row_run(s) == s.x.taps:
        rows = s.x.h.K * s.x.h.M
    return (rows * s.x.C * s.x.w.K * (whole + filled) // 2 + TURN * s.x.h.M * whole) * strips(
        s.x.w.M, MR // 6) * (MR // 6)


cdef int correlate_filters(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                           const Conv* s) except -1:
    """Fill y (N, G * OC, OH, OW), its planes at even distances; w (G, OC, C, KH, KW) of any
    strides; start: (G * OC,) or None.  All of one float dtype; x lies as s says.  Nothing is
    empty."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef int threads, i
    cdef Py_ssize_t pieces, NR, least, width = cnp.PyArray_ITEMSIZE(y)
    cdef Py_ssize_t[5] step
    job.s, job.kind = s, cnp.PyArray_TYPE(x)
    NR, least = tile_columns(<double*> NULL), half(<double*> NULL)
    if job.kind == cnp.NPY_FLOAT:
        NR, least = tile_columns(<float*> NULL), half(<float*> NULL)
    job.x, job.y = x.data, y.data
    job.y_plane = Plane(y.strides[1] // width, y.strides[2] // width, y.strides[3] // width)
    job.bands = strips(s.x.h.M, s.f.rows)
    job.line = strips(s.x.w.M, MR // 6) * (MR // 6)
    job.rows = min(s.f.rows, max(<Py_ssize_t> 1, BLOCK // job.line))
    job.strip_size = strips(s.OC, least) * least
    pieces = s.N * s.G * job.bands
    threads = threads_for(pieces, s.N * s.G * s.OC * s.x.places * s.x.taps // SPEED)
    size = s.x.taps
    cdef cnp.ndarray taps = buffers.empty(1, &size, cnp.NPY_INTP)
    job.taps = <Py_ssize_t*> taps.data
    size = s.G * job.strip_size * (s.x.taps + 1)
    cdef cnp.ndarray weights = buffers.empty(1, &size, job.kind)
    job.w, job.start = weights.data, weights.data + s.G * job.strip_size * s.x.taps * width
    for i in range(5):
        step[i] = w.strides[i] // width
    # The frame, what a tile reads behind it, and sums of a block.
    job.room_size = s.f.size + LANES + job.rows * job.line * NR
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.room = room.data
    with nogil:
        memset(job.room, 0, cnp.PyArray_NBYTES(room))
        memset(job.start, 0, s.G * job.strip_size * width)
        offsets_by_row(&s.x, &s.f, job.taps)
        if job.kind == cnp.NPY_FLOAT:
            pack(<const float*> w.data, step, s, <float*> job.w)
            if start is not None:
                pack_start(<const float*> start.data, s, job.strip_size, <float*> job.start)
        else:
            pack(<const double*> w.data, step, s, <double*> job.w)
            if start is not None:
                pack_start(<const double*> start.data, s, job.strip_size, <double*> job.start)
        share(any_piece, &job, pieces, threads)
    return 0
