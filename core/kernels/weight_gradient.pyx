"""dw[o, t] = sum over images and windows q of g[o, q] * x[window q, t].

A register tile is some filters by two taps; each of its sums is a vector that takes up neighboring
windows, whose pixels lie side by side at every tap.  Images are dealt out in chunks whose sums are
added up in order at the end, so that threads change no bit."""

cimport numpy as cnp
from libc.string cimport memcpy, memset

from plugrad.kernels cimport buffers
from plugrad.kernels.correlate cimport FRAME, Conv
from plugrad.kernels.panels cimport (
    LANES, MR, NV, copy, height, lanes, strips, vdouble, vector, vfloat,
)
from plugrad.kernels.threads cimport share, threads_for
from plugrad.kernels.typenums cimport real
from plugrad.kernels.windows cimport offsets, put_in_frame

cnp.import_array()

cdef extern from "simd.h":
    vfloat keep_float "plugrad_keep_float"(vfloat x, const void* mask) noexcept nogil
    vdouble keep_double "plugrad_keep_double"(vdouble x, const void* mask) noexcept nogil
    void hold "plugrad_hold"(...) noexcept nogil

cdef enum:
    CHUNKS = 8            # of images
    CHUNK_SUMS = 1 << 19  # elements of all chunks' sums, unless one of them has more
    TILE_SUMS = 1 << 18   # and of a thread's, unless those of a single strip of filters are more
    BLOCK = 64            # vectors of g for each filter at a time: a strip of them stays in L1
    SPEED = 8             # multiplications in the time of another operation on a number

# What the threads share; a piece is a chunk of the images, one group, and a part of its filters.
cdef struct Job:
    const Conv* s
    void* x
    void* g
    void* dw                     # (chunks, G * OC, K)
    Py_ssize_t* taps
    Py_ssize_t* sources          # `block` for each thread
    void* room                   # for each thread frames, vectors of g, and sums
    Py_ssize_t chunks, images    # how many, and images in one
    Py_ssize_t parts, filters    # how many, and filters in one
    Py_ssize_t at_once, rows     # images and their output rows that make up a block
    Py_ssize_t block             # vectors in it, at most
    Py_ssize_t of_row            # vectors of an output row
    Py_ssize_t frames_size, g_size, room_size
    char mask[LANES * 8]         # ones where the last vector of a row is inside it
    int kind

# Vectors of windows of some images: the whole ones first, then the rests of rows.
cdef struct Block:
    Py_ssize_t whole, count
    Py_ssize_t* source           # where each starts in the frames


cdef inline vector keep(vector x, const void* mask) noexcept nogil:
    """x where the mask has ones, else 0."""
    if vector is vfloat:
        return keep_float(x, mask)
    else:
        return keep_double(x, mask)


cdef inline void tile(int rows, int columns,       # constants: at most MR filters, NV taps
                      const char* x,               # IN  frames
                      const Py_ssize_t* taps,      # IN  columns
                      const vector* g,             # IN  (rows, b.count)
                      const Block* b, const void* mask,
                      vector* sums) noexcept nogil:          # OUT (MR, NV), added to
    cdef vector acc[MR * NV]
    cdef vector p[NV]
    cdef vector d
    cdef Py_ssize_t v, i, j, width = sizeof(float) if vector is vfloat else sizeof(double)
    for i in range(rows):
        for j in range(columns):
            acc[i * NV + j] = sums[i * NV + j]
    for v in range(b.whole):
        for j in range(columns):
            p[j] = (<const vector*> (x + (b.source[v] + taps[j]) * width))[0]
        for i in range(rows):
            d = g[i * b.count + v]
            hold(d)
            for j in range(columns):
                acc[i * NV + j] += d * p[j]
    for v in range(b.whole, b.count):
        for j in range(columns):
            p[j] = keep((<const vector*> (x + (b.source[v] + taps[j]) * width))[0], mask)
        for i in range(rows):
            for j in range(columns):
                acc[i * NV + j] += g[i * b.count + v] * p[j]
    for i in range(rows):
        for j in range(columns):
            sums[i * NV + j] = acc[i * NV + j]


cdef inline void some_filters(Py_ssize_t rows, int columns, const char* x,
                              const Py_ssize_t* taps, const vector* g, const Block* b,
                              const void* mask, vector* sums) noexcept nogil:
    """`tile` of a height that it is compiled for."""
    if rows == MR:
        tile(MR, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 3 * 2:
        tile(MR // 3 * 2, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 3:
        tile(MR // 3, columns, x, taps, g, b, mask, sums)
    elif rows == 2:
        tile(2, columns, x, taps, g, b, mask, sums)
    else:
        tile(1, columns, x, taps, g, b, mask, sums)


cdef inline void all_tiles(Py_ssize_t filters, Py_ssize_t K, const char* x,
                           const Py_ssize_t* taps, const vector* g, const Block* b,
                           const void* mask, vector* sums) noexcept nogil:
    """A block's share in the sums of all filters and taps: tile after tile."""
    cdef Py_ssize_t rows, i = 0, t
    while i < filters:
        rows = height(filters - i)
        for t from 0 <= t < K - 1 by NV:
            some_filters(rows, NV, x, taps + t, g + i * b.count, b, mask, sums)
            sums += MR * NV
        if K % NV:
            some_filters(rows, 1, x, taps + K - 1, g + i * b.count, b, mask, sums)
            sums += MR * NV
        i += rows


cdef inline void lay_out(const Job* job, Py_ssize_t images, Py_ssize_t first, Py_ssize_t rows,
                         Py_ssize_t L, Block* b) noexcept nogil:
    """The vectors of output rows first to first + rows of the frames."""
    cdef Py_ssize_t image, row, v, at, whole = job.s.x.w.M // L
    b.whole, b.count = 0, images * rows * whole
    for image in range(images):
        for row in range(first, first + rows):
            at = image * job.s.f.size + row * job.s.x.h.S * job.s.f.pitch
            for v in range(whole):
                b.source[b.whole] = at + v * L
                b.whole += 1
            if whole < job.of_row:
                b.source[b.count] = at + whole * L
                b.count += 1


cdef inline void gather(const real* g, const Job* job, Py_ssize_t filters, Py_ssize_t images,
                        Py_ssize_t rows, const Block* b, real* out) noexcept nogil:
    """g's vectors in the order of the block, filter by filter; zeros fill up the rests of rows."""
    cdef Py_ssize_t o, image, v, L = lanes(g), OW = job.s.x.w.M, whole = OW // L
    cdef const real* line
    cdef real* to
    cdef real* last
    for o in range(filters):
        to, last = out, out + b.whole * L
        for image in range(images):
            line = g + (image * job.s.G * job.s.OC + o) * job.s.x.places
            for _ in range(rows):
                copy(line, whole * L, to)
                to += whole * L
                if whole < job.of_row:
                    for v in range(L):
                        last[v] = line[whole * L + v] if whole * L + v < OW else <real> 0
                    last += L
                line += OW
        out += b.count * L


cdef inline void add_block(const real* frames, const real* g, const Job* job, Py_ssize_t filters,
                           const Block* b, real* sums) noexcept nogil:
    if real is float:
        all_tiles(filters, job.s.x.taps, <const char*> frames, job.taps, <const vfloat*> g, b,
                  job.mask, <vfloat*> sums)
    else:
        all_tiles(filters, job.s.x.taps, <const char*> frames, job.taps, <const vdouble*> g, b,
                  job.mask, <vdouble*> sums)


cdef inline void put_sums(const real* sums, Py_ssize_t filters, Py_ssize_t K,
                          real* dw) noexcept nogil:          # OUT (filters, K)
    """Add up each vector of the tiles."""
    cdef Py_ssize_t i = 0, t, r, v, rows, L = lanes(sums)
    cdef real total
    while i < filters:
        rows = height(filters - i)
        for t in range(K):
            for r in range(rows):
                total = 0
                for v in range(L):
                    total += sums[((t // NV * MR + r) * NV + t % NV) * L + v]
                dw[(i + r) * K + t] = total
        sums += strips(K, NV) * MR * NV * L
        i += rows


cdef inline void piece(const Job* job, Py_ssize_t number, int thread, real* _) noexcept nogil:
    cdef const Conv* s = job.s
    cdef Py_ssize_t part = number % job.parts, group = number // job.parts % s.G
    cdef Py_ssize_t chunk = number // job.parts // s.G
    cdef Py_ssize_t o = part * job.filters, filters = min(job.filters, s.OC - o)
    cdef Py_ssize_t image = chunk * job.images, past = min(image + job.images, s.N)
    cdef Py_ssize_t i, images, top, rows, row, n
    cdef real* frames = <real*> job.room + thread * job.room_size
    cdef real* packed = frames + job.frames_size
    cdef real* sums = packed + job.g_size
    cdef const real* x
    cdef const real* g
    cdef Block b
    b.source = job.sources + thread * job.block
    memset(sums, 0, (job.room_size - job.frames_size - job.g_size) * sizeof(real))
    while image < past:
        images = min(job.at_once, past - image)
        x = <const real*> job.x + image * s.image_stride + group * s.x.C * s.x.c_stride
        g = <const real*> job.g + ((image * s.G + group) * s.OC + o) * s.x.places
        for top from 0 <= top < s.x.h.M by s.f.rows:
            rows = min(s.f.rows, s.x.h.M - top)
            for i in range(images):
                put_in_frame(x + i * s.image_stride, &s.x, &s.f, top, rows, frames + i * s.f.size)
            for row from 0 <= row < rows by job.rows:
                n = min(job.rows, rows - row)
                lay_out(job, images, row, n, lanes(g), &b)
                gather(g + (top + row) * s.x.w.M, job, filters, images, n, &b, packed)
                add_block(frames, packed, job, filters, &b, sums)
        image += images
    put_sums(sums, filters, s.x.taps,
             <real*> job.dw + ((chunk * s.G + group) * s.OC + o) * s.x.taps)


cdef void any_piece(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        piece(job, number, thread, <float*> NULL)
    else:
        piece(job, number, thread, <double*> NULL)


cdef void deal_out(Job* job, Py_ssize_t L) noexcept:
    """Choose chunks, parts and blocks, by the sizes alone."""
    cdef const Conv* s = job.s
    cdef Py_ssize_t size = s.G * s.OC * s.x.taps, of_strip = strips(s.x.taps, NV) * MR * NV * L
    job.chunks = max(<Py_ssize_t> 1, min(min(<Py_ssize_t> CHUNKS, s.N), CHUNK_SUMS // size))
    job.images = strips(s.N, job.chunks)
    job.chunks = strips(s.N, job.images)
    # Enough pieces for some threads, and sums that stay in the cache.
    job.parts = max(strips(of_strip * strips(s.OC, MR), TILE_SUMS), CHUNKS // job.chunks)
    job.filters = strips(strips(s.OC, min(job.parts, s.OC)), MR) * MR
    job.parts = strips(s.OC, job.filters)
    job.of_row = strips(s.x.w.M, L)
    job.rows = min(s.f.rows, max(<Py_ssize_t> 1, BLOCK // job.of_row))
    job.at_once = 1
    if job.rows == s.x.h.M:
        job.at_once = max(<Py_ssize_t> 1, min(BLOCK // (job.rows * job.of_row), FRAME // s.f.size))
        job.at_once = min(job.at_once, job.images)
    job.block = job.at_once * job.rows * job.of_row
    job.frames_size = job.at_once * s.f.size + LANES      # a vector reads behind the last of them
    job.g_size = job.block * job.filters * L
    job.room_size = job.frames_size + job.g_size + of_strip * (strips(job.filters, MR) + 3)


cdef inline void add_chunks(const real* sums, Py_ssize_t chunks, Py_ssize_t n,
                            real* dw) noexcept nogil:
    cdef Py_ssize_t i, chunk
    memcpy(dw, sums, n * sizeof(real))
    for chunk in range(1, chunks):
        for i in range(n):
            dw[i] += sums[chunk * n + i]


cdef int weight_gradient(cnp.ndarray x, cnp.ndarray g, cnp.ndarray dw, const Conv* s) except -1:
    """Fill dw (G * OC, C, KH, KW), in C order like g (N, G * OC, OH, OW); all of one float dtype,
    x lies as s says.  Nothing is empty."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef Py_ssize_t pieces, L
    cdef int threads, width = cnp.PyArray_ITEMSIZE(x)
    job.s, job.kind = s, cnp.PyArray_TYPE(x)
    L = lanes(<float*> NULL) if job.kind == cnp.NPY_FLOAT else lanes(<double*> NULL)
    deal_out(&job, L)
    memset(job.mask, 0, sizeof(job.mask))
    memset(job.mask, 255, s.x.w.M % L * width)
    pieces = job.chunks * s.G * job.parts
    threads = threads_for(pieces, s.N * s.G * s.OC * s.x.places * s.x.taps // SPEED)
    size = s.x.taps + job.block * threads
    cdef cnp.ndarray places = buffers.empty(1, &size, cnp.NPY_INTP)
    size = job.chunks * cnp.PyArray_SIZE(dw)
    cdef cnp.ndarray sums = buffers.empty(1, &size, job.kind)
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.x, job.g, job.dw, job.room = x.data, g.data, sums.data, room.data
    job.taps = <Py_ssize_t*> places.data
    job.sources = job.taps + s.x.taps
    with nogil:
        memset(job.room, 0, cnp.PyArray_NBYTES(room))
        offsets(&s.x, &s.f, job.taps)
        share(any_piece, &job, pieces, threads)
        if job.kind == cnp.NPY_FLOAT:
            add_chunks(<float*> job.dw, job.chunks, cnp.PyArray_SIZE(dw), <float*> dw.data)
        else:
            add_chunks(<double*> job.dw, job.chunks, cnp.PyArray_SIZE(dw), <double*> dw.data)
    return 0
