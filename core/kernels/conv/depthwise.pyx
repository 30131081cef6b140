"""Convolutions whose groups have one channel and one filter each, a vector being groups.

y[q, n] = start[n] + sum over taps t of w[t, n] * x[window q, t, n]
dw[t, n] = sum over images and windows q of g[q, n] * x[window q, t, n]
Pixels are turned around until those of a vector of groups lie side by side; then nothing is left
but multiply-adds of vectors (Howard et al., 2017, have such convolutions)."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers
from plugrad.kernels.conv.frames cimport (
    FRAME, Conv, Frame, Plane, columns_inside, frame, offsets, put_in_planes, rows_inside,
)
from plugrad.kernels.matmul.panels cimport (
    LANES, MR, copy, lanes, pack_vectors, strips, tall, vdouble, vector, vfloat,
)
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real
from plugrad.kernels.conv.windows cimport Windows, seen

cnp.import_array()

cdef enum:
    CHUNKS = 8           # of images, for sums over them
    SPEED = 8            # multiplications in the time of another operation on a number

# What the threads share; a piece is a vector of groups: of a band of an image, or, for the gradient
# of the weights, of a chunk of images.
cdef struct Job:
    const Conv* s
    Frame f                      # counted in vectors
    void* x
    void* w                      # (vectors of groups, K, L)
    void* start                  # (vectors of groups, L)
    void* g
    void* y
    Plane y_plane
    Py_ssize_t* taps             # K, and one more
    void* room                   # for each thread pixels, a frame, and sums or gradients
    Py_ssize_t vectors, bands, line
    Py_ssize_t chunks, images
    Py_ssize_t pixels_size, room_size, sums_size
    int kind


cdef inline void windows_tile(int rows,            # a constant: at most MR windows
                              const vector* x, const Py_ssize_t* taps, Py_ssize_t k,
                              const vector* w,     # IN  (k,)
                              const vector* start,
                              vector* y) noexcept nogil:     # OUT (rows,)
    cdef vector acc[MR]
    cdef const vector* pixels
    cdef Py_ssize_t i, t
    for i in range(rows):
        acc[i] = start[0]
    for t in range(k):
        pixels = x + taps[t]
        for i in range(rows):
            acc[i] += w[t] * pixels[i]
    for i in range(rows):
        y[i] = acc[i]


cdef inline void some_windows(Py_ssize_t rows, const vector* x, const Py_ssize_t* taps,
                              Py_ssize_t k, const vector* w, const vector* start,
                              vector* y) noexcept nogil:
    """`windows_tile` of a height that it is compiled for."""
    if rows == MR:
        windows_tile(MR, x, taps, k, w, start, y)
    elif rows == MR // 6 * 5:
        windows_tile(MR // 6 * 5, x, taps, k, w, start, y)
    elif rows == MR // 6 * 4:
        windows_tile(MR // 6 * 4, x, taps, k, w, start, y)
    elif rows == MR // 6 * 3:
        windows_tile(MR // 6 * 3, x, taps, k, w, start, y)
    elif rows == MR // 6 * 2:
        windows_tile(MR // 6 * 2, x, taps, k, w, start, y)
    else:
        windows_tile(MR // 6, x, taps, k, w, start, y)


cdef inline void taps_tile(int rows,               # a constant: at most MR taps
                           const vector* x, Py_ssize_t pitch, const Py_ssize_t* taps,
                           const vector* g,        # IN  (lines, windows)
                           Py_ssize_t lines, Py_ssize_t windows,
                           vector* sums) noexcept nogil:     # OUT (rows,), added to
    cdef vector acc[MR]
    cdef Py_ssize_t i, line, q
    for i in range(rows):
        acc[i] = sums[i]
    for line in range(lines):
        for q in range(line * pitch, line * pitch + windows):
            for i in range(rows):
                acc[i] += g[0] * x[taps[i] + q]
            g += 1
    for i in range(rows):
        sums[i] = acc[i]


cdef inline void some_taps(Py_ssize_t rows, const vector* x, Py_ssize_t pitch,
                           const Py_ssize_t* taps, const vector* g, Py_ssize_t lines,
                           Py_ssize_t windows, vector* sums) noexcept nogil:
    """`taps_tile` of a height that it is compiled for."""
    if rows == MR:
        taps_tile(MR, x, pitch, taps, g, lines, windows, sums)
    elif rows == MR // 6 * 5:
        taps_tile(MR // 6 * 5, x, pitch, taps, g, lines, windows, sums)
    elif rows == MR // 6 * 4:
        taps_tile(MR // 6 * 4, x, pitch, taps, g, lines, windows, sums)
    elif rows == MR // 6 * 3:
        taps_tile(MR // 6 * 3, x, pitch, taps, g, lines, windows, sums)
    elif rows == MR // 6 * 2:
        taps_tile(MR // 6 * 2, x, pitch, taps, g, lines, windows, sums)
    else:
        taps_tile(MR // 6, x, pitch, taps, g, lines, windows, sums)


cdef inline void turn(const real* x, Py_ssize_t plane, Py_ssize_t pitch, Py_ssize_t step,
                      Py_ssize_t planes, Py_ssize_t rows, Py_ssize_t n, real* out) noexcept nogil:
    """Rows of n pixels, the planes side by side        out: (rows, n, L)"""
    cdef Py_ssize_t row
    if pitch == n * step:
        pack_vectors(x, plane, step, planes, rows * n, out)
    else:
        for row in range(rows):
            pack_vectors(x + row * pitch, plane, step, planes, n, out + row * n * lanes(x))


cdef inline void fill(const real* x, const Job* job, Py_ssize_t groups, Py_ssize_t top,
                      Py_ssize_t rows, real* pixels, real* out) noexcept nogil:
    """put_in_frame for a vector of groups."""
    cdef const Windows* s = &job.s.x
    cdef Py_ssize_t q, row, i, left, past, above, below, height = seen(&s.h, rows)
    cdef Py_ssize_t pitch = job.f.pitch, L = lanes(x)
    cdef real* to
    cdef const real* pixel
    rows_inside(s, top, height, &above, &below)
    if rows < s.h.M:
        memset(out, 0, above * pitch * L * sizeof(real))
        memset(out + below * pitch * L, 0, (height - below) * pitch * L * sizeof(real))
    turn(x + (top * s.h.S - s.h.P + above) * s.h_stride, s.c_stride, s.h_stride, s.w_stride,
         groups, below - above, s.w.N, pixels)
    for q in range(s.w.S):
        columns_inside(s, &job.f, q, &left, &past)
        for row in range(below - above):
            to = out + ((above + row) * pitch + q * job.f.phase + left) * L
            pixel = pixels + (row * s.w.N + left * s.w.S + q - s.w.P) * L
            for i in range(past - left):
                copy(pixel + i * s.w.S * L, L, to + i * L)


cdef inline void band(const Job* job, Py_ssize_t rows, const real* pane, const real* w,
                      const real* start, real* y) noexcept nogil:
    """Some rows of windows        y: (rows, line, L)"""
    cdef Py_ssize_t row, left, n, L = lanes(w)
    cdef const real* x
    for row in range(rows):
        x = pane + row * job.s.x.h.S * job.f.pitch * L
        left = job.line
        while left > 0:
            n = tall(left)
            if real is float:
                some_windows(n, <const vfloat*> x, job.taps, job.s.x.taps, <const vfloat*> w,
                             <const vfloat*> start, <vfloat*> y)
            else:
                some_windows(n, <const vdouble*> x, job.taps, job.s.x.taps, <const vdouble*> w,
                             <const vdouble*> start, <vdouble*> y)
            x += n * L
            y += n * L
            left -= n


cdef inline void correlate_piece(const Job* job, Py_ssize_t number, int thread,
                                 real* _) noexcept nogil:
    cdef const Conv* s = job.s
    cdef Py_ssize_t L = lanes(<const real*> NULL), top = number % job.bands * job.f.rows
    cdef Py_ssize_t group = number // job.bands % job.vectors * L
    cdef Py_ssize_t image = number // job.bands // job.vectors, groups = min(L, s.G - group)
    cdef Py_ssize_t rows = min(job.f.rows, s.x.h.M - top)
    cdef real* pane = <real*> job.room + thread * job.room_size
    cdef real* sums = pane + job.f.plane * L + LANES * LANES
    cdef real* pixels = sums + job.sums_size
    fill(<const real*> job.x + image * s.image_stride + group * s.x.c_stride, job, groups, top,
         rows, pixels, pane)
    band(job, rows, pane, <const real*> job.w + group * s.x.taps,
         <const real*> job.start + group, sums)
    put_in_planes(sums, rows, s.x.w.M, job.line, L, groups, &job.y_plane,
                  <real*> job.y + (image * s.G + group) * job.y_plane.size
                  + top * job.y_plane.pitch)


cdef inline void add_band(const Job* job, Py_ssize_t rows, const real* pane, const real* g,
                          real* sums) noexcept nogil:
    """A band's share in the sums of all taps."""
    cdef Py_ssize_t t = 0, n, L = lanes(g), pitch = job.s.x.h.S * job.f.pitch
    while t < job.s.x.taps:
        n = tall(job.s.x.taps - t)
        if real is float:
            some_taps(n, <const vfloat*> pane, pitch, job.taps + t, <const vfloat*> g, rows,
                      job.s.x.w.M, <vfloat*> (sums + t * L))
        else:
            some_taps(n, <const vdouble*> pane, pitch, job.taps + t, <const vdouble*> g, rows,
                      job.s.x.w.M, <vdouble*> (sums + t * L))
        t += n


cdef inline void gradient_piece(const Job* job, Py_ssize_t number, int thread,
                                real* _) noexcept nogil:
    cdef const Conv* s = job.s
    cdef Py_ssize_t L = lanes(<const real*> NULL), group = number % job.vectors * L
    cdef Py_ssize_t groups = min(L, s.G - group), image = number // job.vectors * job.images
    cdef Py_ssize_t top, rows, past = min(s.N, image + job.images)
    cdef real* pane = <real*> job.room + thread * job.room_size
    cdef real* g = pane + job.f.plane * L + LANES * LANES
    cdef real* pixels = g + job.sums_size
    cdef real* sums = <real*> job.w + number * (s.x.taps + MR // 6) * L
    memset(sums, 0, (s.x.taps + MR // 6) * L * sizeof(real))
    for image in range(image, past):
        for top from 0 <= top < s.x.h.M by job.f.rows:
            rows = min(job.f.rows, s.x.h.M - top)
            fill(<const real*> job.x + image * s.image_stride + group * s.x.c_stride, job, groups,
                 top, rows, pixels, pane)
            turn(<const real*> job.g + (image * s.G + group) * s.x.places + top * s.x.w.M,
                 s.x.places, s.x.w.M, 1, groups, rows, s.x.w.M, g)
            add_band(job, rows, pane, g, sums)


cdef inline void add_chunks(const Job* job, real* _) noexcept nogil:
    """The chunks' sums in order, to dw (G, KH, KW)."""
    cdef Py_ssize_t chunk, group, t, L = lanes(<const real*> NULL), K = job.s.x.taps
    cdef const real* sums
    cdef real* dw = <real*> job.y
    for group in range(job.s.G):
        for chunk in range(job.chunks):
            sums = (<const real*> job.w + (chunk * job.vectors + group // L) * (K + MR // 6) * L
                    + group % L)
            for t in range(K):
                dw[group * K + t] = (0 if chunk == 0 else dw[group * K + t]) + sums[t * L]


cdef void any_correlate(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        correlate_piece(job, number, thread, <float*> NULL)
    else:
        correlate_piece(job, number, thread, <double*> NULL)


cdef void any_gradient(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        gradient_piece(job, number, thread, <float*> NULL)
    else:
        gradient_piece(job, number, thread, <double*> NULL)


cdef inline void pack(const real* w, Py_ssize_t of_group, Py_ssize_t of_row, Py_ssize_t of_tap,
                      const real* start, const Job* job, real* _) noexcept nogil:
    """Weights and starts group beside group, zeros behind the last."""
    cdef const Conv* s = job.s
    cdef Py_ssize_t group, i, j, L = lanes(w)
    cdef real* out
    memset(job.w, 0, job.vectors * L * (s.x.taps + 1) * sizeof(real))
    for group in range(s.G):
        out = <real*> job.w + group // L * L * s.x.taps + group % L
        for i in range(s.x.h.K):
            for j in range(s.x.w.K):
                out[(i * s.x.w.K + j) * L] = w[group * of_group + i * of_row + j * of_tap]
        if start != NULL:
            (<real*> job.start)[group] = start[group]


cdef Py_ssize_t prepare(Job* job, const Conv* s, int kind) noexcept:
    """All sizes; the result is L."""
    cdef Windows one = s.x
    cdef Py_ssize_t L = lanes(<float*> NULL) if kind == cnp.NPY_FLOAT else lanes(<double*> NULL)
    job.s, job.kind = s, kind
    job.f = frame(&one, FRAME // L)
    job.vectors = strips(s.G, L)
    job.bands = strips(s.x.h.M, job.f.rows)
    job.line = strips(s.x.w.M, MR // 6) * (MR // 6)
    job.sums_size = job.f.rows * job.line * L
    job.pixels_size = seen(&s.x.h, job.f.rows) * s.x.w.N * L
    # A tile reads a vector behind the frame.
    job.room_size = job.f.plane * L + LANES * LANES + job.sums_size + job.pixels_size
    return L


cdef void find_taps(const Job* job) noexcept:
    """Where the taps lie in a frame; the first stands again, for a tile that is one too high."""
    cdef Py_ssize_t i
    offsets(&job.s.x, &job.f, job.taps)
    for i in range(MR // 6):
        job.taps[job.s.x.taps + i] = job.taps[0]


cdef int correlate_depthwise(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                             const Conv* s) except -1:
    """`correlate` for w (G, 1, 1, KH, KW)."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef Py_ssize_t pieces, width = cnp.PyArray_ITEMSIZE(y)
    cdef Py_ssize_t L = prepare(&job, s, cnp.PyArray_TYPE(y))
    pieces = s.N * job.vectors * job.bands
    cdef int threads = threads_for(pieces, s.N * s.G * s.x.places * s.x.taps // SPEED)
    size = s.x.taps + MR // 6
    cdef cnp.ndarray taps = buffers.empty(1, &size, cnp.NPY_INTP)
    job.x, job.y, job.taps = x.data, y.data, <Py_ssize_t*> taps.data
    find_taps(&job)
    job.y_plane = Plane(y.strides[1] // width, y.strides[2] // width, y.strides[3] // width)
    size = job.vectors * L * (s.x.taps + 1)
    cdef cnp.ndarray weights = buffers.empty(1, &size, job.kind)
    job.w, job.start = weights.data, weights.data + job.vectors * L * s.x.taps * width
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.room = room.data
    with nogil:
        memset(job.room, 0, size * width)
        if job.kind == cnp.NPY_FLOAT:
            pack(<const float*> w.data, w.strides[0] // width, w.strides[3] // width,
                 w.strides[4] // width, <const float*> (start.data if start is not None else NULL),
                 &job, <float*> NULL)
        else:
            pack(<const double*> w.data, w.strides[0] // width, w.strides[3] // width,
                 w.strides[4] // width,
                 <const double*> (start.data if start is not None else NULL), &job, <double*> NULL)
        share(any_correlate, &job, pieces, threads)
    return 0


cdef int gradient_depthwise(cnp.ndarray x, cnp.ndarray g, cnp.ndarray dw, const Conv* s) except -1:
    """`weight_gradient` for dw (G, 1, KH, KW)."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef Py_ssize_t L = prepare(&job, s, cnp.PyArray_TYPE(x)), pieces
    job.images = strips(s.N, CHUNKS)
    job.chunks = strips(s.N, job.images)
    pieces = job.chunks * job.vectors
    cdef int threads = threads_for(pieces, s.N * s.G * s.x.places * s.x.taps // SPEED)
    size = s.x.taps + MR // 6
    cdef cnp.ndarray taps = buffers.empty(1, &size, cnp.NPY_INTP)
    job.x, job.g, job.y, job.taps = x.data, g.data, dw.data, <Py_ssize_t*> taps.data
    find_taps(&job)
    size = pieces * (s.x.taps + MR // 6) * L
    cdef cnp.ndarray sums = buffers.empty(1, &size, job.kind)
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.w, job.room = sums.data, room.data
    with nogil:
        memset(job.room, 0, size * cnp.PyArray_ITEMSIZE(x))
        share(any_gradient, &job, pieces, threads)
        if job.kind == cnp.NPY_FLOAT:
            add_chunks(&job, <float*> NULL)
        else:
            add_chunks(&job, <double*> NULL)
    return 0
