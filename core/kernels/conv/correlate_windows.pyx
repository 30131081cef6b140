"""y[o, q] = start[o] + sum over taps t of w[o, t] * x[window q, t], a vector being windows.

Neighboring windows see neighboring pixels at each tap, so a register tile of some filters by some
windows reads vectors of pixels straight from the image in its frame: no window is ever copied."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers
from plugrad.kernels.conv.frames cimport Conv, Plane, line_of, offsets, put_in_frame
from plugrad.kernels.matmul.panels cimport (
    LANES, MR, NV, copy, element, height, lanes, strips, vdouble, vector, vfloat,
)
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real

cnp.import_array()

cdef enum:
    TAPS = 256           # taps whose sums stay in registers
    RUN = 16             # vectors of windows that are summed up before they are written to y
    MANY = 8             # of them that a single filter takes at once
    SPEED = 8            # multiplications in the time of another operation on a number

cdef double zeros[LANES]         # where there is no start

# What the threads share; a piece is a band of one group of one image.
cdef struct Job:
    const Conv* s
    void* x
    void* w
    void* start                  # (G * OC,) or NULL
    void* y
    Plane y_plane
    Py_ssize_t* taps
    void* room                   # a frame and sums for each thread
    Py_ssize_t bands, room_size
    int kind

# Vectors of neighboring windows: the first window, counted in lines, and where each starts in the
# frame.
cdef struct Run:
    Py_ssize_t count, first
    Py_ssize_t source[RUN]


cdef inline void tile(int rows,                    # a constant: at most MR filters
                      const vector* w,             # IN  (rows, k)
                      Py_ssize_t line,             # elements from row to row
                      const vector* start,         # IN  rows elements
                      const char* a, const char* b,            # IN  two vectors of windows
                      const Py_ssize_t* taps, Py_ssize_t k,
                      bint add,
                      vector* sums,                # OUT (rows, NV), rows RUN vectors apart
                      ) noexcept nogil:
    cdef vector acc[MR * NV]
    cdef vector x, y
    cdef Py_ssize_t i, j, t, width = sizeof(float) if vector is vfloat else sizeof(double)
    x = (<const vector*> (a + taps[0] * width))[0]
    y = (<const vector*> (b + taps[0] * width))[0]
    for i in range(rows):
        acc[i * NV] = x * element(w, i * line) + element(start, i)
        acc[i * NV + 1] = y * element(w, i * line) + element(start, i)
    for t in range(1, k):
        x = (<const vector*> (a + taps[t] * width))[0]
        y = (<const vector*> (b + taps[t] * width))[0]
        for i in range(rows):
            acc[i * NV] += x * element(w, i * line + t)
            acc[i * NV + 1] += y * element(w, i * line + t)
    for i in range(rows):
        for j in range(NV):
            sums[i * RUN + j] = (sums[i * RUN + j] + acc[i * NV + j] if add
                                 else acc[i * NV + j])


cdef inline void single(const vector* w, const vector* start, const char* x,
                        const Py_ssize_t* source, const Py_ssize_t* taps, Py_ssize_t k, bint add,
                        vector* sums) noexcept nogil:
    """`tile` of one filter by many windows: sums enough that none has to wait for itself."""
    cdef vector acc[MANY]
    cdef Py_ssize_t j, t, width = sizeof(float) if vector is vfloat else sizeof(double)
    for j in range(MANY):
        acc[j] = ((<const vector*> (x + (source[j] + taps[0]) * width))[0] * element(w, 0)
                  + element(start, 0))
    for t in range(1, k):
        for j in range(MANY):
            acc[j] += (<const vector*> (x + (source[j] + taps[t]) * width))[0] * element(w, t)
    for j in range(MANY):
        sums[j] = sums[j] + acc[j] if add else acc[j]


cdef inline void some_filters(Py_ssize_t rows, const vector* w, Py_ssize_t line,
                              const vector* start, const char* x, const Run* run,
                              const Py_ssize_t* taps, Py_ssize_t k, bint add,
                              vector* sums) noexcept nogil:
    """All windows of a run under as many filters as `height` gives."""
    cdef Py_ssize_t q, width = sizeof(float) if vector is vfloat else sizeof(double)
    cdef const char* a
    cdef const char* b
    if rows == 1:
        for q from 0 <= q < run.count by MANY:
            single(w, start, x, run.source + q, taps, k, add, sums + q)
        return
    for q from 0 <= q < run.count by NV:
        a, b = x + run.source[q] * width, x + run.source[q + 1] * width
        if rows == 2:
            tile(2, w, line, start, a, b, taps, k, add, sums + q)
        elif rows == 3:
            tile(3, w, line, start, a, b, taps, k, add, sums + q)
        elif rows == 4:
            tile(4, w, line, start, a, b, taps, k, add, sums + q)
        elif rows == 5:
            tile(5, w, line, start, a, b, taps, k, add, sums + q)
        elif rows == 6:
            tile(6, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 7:
            tile(7, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 8:
            tile(8, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 9:
            tile(9, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 10:
            tile(10, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 11:
            tile(11, w, line, start, a, b, taps, k, add, sums + q)
        elif MR > 6 and rows == 12:
            tile(12, w, line, start, a, b, taps, k, add, sums + q)


cdef inline void lay_out(const Conv* s, Py_ssize_t line, Py_ssize_t first, Py_ssize_t count,
                         Py_ssize_t L, Run* run) noexcept nogil:
    """Vectors first to first + count of a band; the last one again and again up to MANY more."""
    cdef Py_ssize_t i, column = first * L % line, row = first * L // line * s.x.h.S * s.f.pitch
    run.count, run.first = count, first * L
    for i in range(count):
        run.source[i] = row + column
        column += L
        while column >= line:
            row, column = row + s.x.h.S * s.f.pitch, column - line
    for i in range(count, strips(count, MANY) * MANY):
        run.source[i] = run.source[count - 1]


cdef inline void put(const real* sums, const Run* run, Py_ssize_t OW, Py_ssize_t line,
                     Py_ssize_t past, Py_ssize_t rows, const Plane* plane, real* y) noexcept nogil:
    """The sums of a run to where they belong in y (rows planes), up to window `past`."""
    cdef Py_ssize_t o, i, row, start, end
    past = min(past, run.first + run.count * lanes(sums))
    cdef const real* x
    for o in range(rows):
        for row in range(run.first // line, (past - 1) // line + 1):
            start, end = max(run.first, row * line), min(past, row * line + OW)
            x = sums + o * RUN * lanes(sums) + start - run.first
            start -= row * line
            end -= row * line
            if plane.step == 1:
                copy(x, end - start, y + row * plane.pitch + start)
            else:
                for i in range(end - start):
                    y[row * plane.pitch + (start + i) * plane.step] = x[i]
        y += plane.size


cdef inline void band(const real* x,               # IN  a frame
                      const real* w,               # IN  (OC, K)
                      const real* start,           # IN  (OC,) or NULL
                      const Conv* s, const Py_ssize_t* taps, Py_ssize_t rows,
                      real* y,                     # OUT (OC, rows of OW)
                      const Plane* plane,
                      real* sums) noexcept nogil:
    """Some output rows of a group of an image."""
    cdef Run run
    cdef Py_ssize_t q, p, i, n, k, L = lanes(x), line = line_of(&s.x, &s.f, rows, L)
    cdef Py_ssize_t past = (rows - 1) * line + s.x.w.M, vectors = strips(past, L)
    cdef const real* first
    for q from 0 <= q < vectors by RUN:
        lay_out(s, line, q, min(vectors - q, <Py_ssize_t> RUN), L, &run)
        for p from 0 <= p < s.x.taps by TAPS:
            k = min(s.x.taps - p, <Py_ssize_t> TAPS)
            i = 0
            while i < s.OC:
                n = height(s.OC - i)
                first = start + i if start != NULL and p == 0 else <const real*> zeros
                if real is float:
                    some_filters(n, <const vfloat*> (w + i * s.x.taps + p), s.x.taps,
                                 <const vfloat*> first, <const char*> x, &run, taps + p, k, p > 0,
                                 <vfloat*> (sums + i * RUN * L))
                else:
                    some_filters(n, <const vdouble*> (w + i * s.x.taps + p), s.x.taps,
                                 <const vdouble*> first, <const char*> x, &run, taps + p, k, p > 0,
                                 <vdouble*> (sums + i * RUN * L))
                i += n
        put(sums, &run, s.x.w.M, line, past, s.OC, plane, y)


cdef inline void piece(const Job* job, Py_ssize_t number, int thread, real* _) noexcept nogil:
    cdef const Conv* s = job.s
    cdef Py_ssize_t top = number % job.bands * s.f.rows
    cdef Py_ssize_t image = number // job.bands // s.G, group = number // job.bands % s.G
    cdef Py_ssize_t rows = min(s.f.rows, s.x.h.M - top)
    cdef real* frame = <real*> job.room + thread * job.room_size
    put_in_frame(<const real*> job.x + image * s.image_stride + group * s.x.C * s.x.c_stride, &s.x,
                 &s.f, top, rows, frame)
    band(frame, <const real*> job.w + group * s.OC * s.x.taps,
         <const real*> job.start + group * s.OC if job.start != NULL else NULL, s, job.taps, rows,
         <real*> job.y + (image * s.G + group) * s.OC * job.y_plane.size + top * job.y_plane.pitch,
         &job.y_plane, frame + s.f.size + LANES)


cdef void any_piece(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        piece(job, number, thread, <float*> NULL)
    else:
        piece(job, number, thread, <double*> NULL)


cdef Py_ssize_t windows_cost(const Conv* s, Py_ssize_t L) noexcept nogil:
    """Multiply-adds for an image and a group, empty places included."""
    cdef Py_ssize_t line = line_of(&s.x, &s.f, s.f.rows, L)
    return (strips((s.f.rows - 1) * line + s.x.w.M, L) * L * strips(s.x.h.M, s.f.rows)
            * s.OC * s.x.taps)


cdef int correlate_windows(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                           const Conv* s) except -1:
    """Fill y (N, G * OC, OH, OW), its planes at even distances; w (G * OC, C, KH, KW) in C order;
    start: (G * OC,) or None.  All of one float dtype; x lies as s says.  Nothing is empty."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef int threads
    cdef Py_ssize_t pieces, width = cnp.PyArray_ITEMSIZE(y)
    job.s, job.kind = s, cnp.PyArray_TYPE(x)
    job.x, job.w, job.y = x.data, w.data, y.data
    job.start = start.data if start is not None else NULL
    job.y_plane = Plane(y.strides[1] // width, y.strides[2] // width, y.strides[3] // width)
    job.bands = (s.x.h.M + s.f.rows - 1) // s.f.rows
    pieces = s.N * s.G * job.bands
    threads = threads_for(pieces, s.N * s.G * s.OC * s.x.places * s.x.taps // SPEED)
    size = s.x.taps
    cdef cnp.ndarray taps = buffers.empty(1, &size, cnp.NPY_INTP)
    job.taps = <Py_ssize_t*> taps.data
    # The frame, what a vector reads behind it, and sums of a run (LANES holds the widest vector).
    job.room_size = s.f.size + LANES + s.OC * RUN * LANES // NV
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.room = room.data
    with nogil:
        memset(job.room, 0, cnp.PyArray_NBYTES(room))
        offsets(&s.x, &s.f, job.taps)
        share(any_piece, &job, pieces, threads)
    return 0
