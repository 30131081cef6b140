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
from plugrad.kernels.windows cimport line_of, offsets, put_in_frame

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
    Py_ssize_t line              # windows that vectors count from row to row
    Py_ssize_t frames_size, g_size, lines_size, sums_size, room_size
    char* mask                   # ones for each window that is inside its row
    int kind

# Vectors of windows of some images: first those inside a row, then those that its end cuts.
cdef struct Block:
    Py_ssize_t images, rows      # which were laid out
    Py_ssize_t whole, count
    Py_ssize_t* source           # where each starts in the frames
    Py_ssize_t* place            # and in the lines of g
    Py_ssize_t* mask             # and where its mask


cdef inline Py_ssize_t vectors(const Job* job, Py_ssize_t rows, Py_ssize_t L) noexcept nogil:
    """How many vectors cover so many output rows."""
    return strips((rows - 1) * job.line + job.s.x.w.M, L)


cdef inline Py_ssize_t last_row(const Job* job) noexcept nogil:
    """Where the mask of a last row starts."""
    return job.line + LANES


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
                      const Block* b, const char* mask,
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
            p[j] = keep((<const vector*> (x + (b.source[v] + taps[j]) * width))[0],
                        mask + b.mask[v] * width)
        for i in range(rows):
            d = g[i * b.count + v]
            hold(d)
            for j in range(columns):
                acc[i * NV + j] += d * p[j]
    for i in range(rows):
        for j in range(columns):
            sums[i * NV + j] = acc[i * NV + j]


cdef inline void some_filters(Py_ssize_t rows, int columns, const char* x,
                              const Py_ssize_t* taps, const vector* g, const Block* b,
                              const char* mask, vector* sums) noexcept nogil:
    """`tile` of a height that it is compiled for."""
    if rows == MR:
        tile(MR, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 6 * 5:
        tile(MR // 6 * 5, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 6 * 4:
        tile(MR // 6 * 4, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 6 * 3:
        tile(MR // 6 * 3, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 6 * 2:
        tile(MR // 6 * 2, columns, x, taps, g, b, mask, sums)
    elif rows == MR // 6:
        tile(MR // 6, columns, x, taps, g, b, mask, sums)
    else:
        tile(1, columns, x, taps, g, b, mask, sums)


cdef inline void all_tiles(Py_ssize_t filters, Py_ssize_t K, const char* x,
                           const Py_ssize_t* taps, const vector* g, const Block* b,
                           const char* mask, vector* sums) noexcept nogil:
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


cdef inline void lay_out(const Job* job, Py_ssize_t images, Py_ssize_t rows, Py_ssize_t L,
                         Block* b) noexcept nogil:
    """The vectors of the first output rows of the frames."""
    cdef Py_ssize_t image, row, column, n = 0, OW = job.s.x.w.M, line = job.line
    cdef bint cut
    b.images, b.rows, b.whole = images, rows, 0
    for cut in range(2):
        for image in range(images):
            row = column = 0
            while row < rows - 1 or column < OW and row < rows:
                if cut != (column + L <= OW) and not OW <= column <= line - L:
                    b.source[n] = (image * job.s.f.size + column
                                   + row * job.s.x.h.S * job.s.f.pitch)
                    b.place[n] = image * (rows * line + L) + row * line + column
                    b.mask[n] = column + (last_row(job) if row == rows - 1 else 0)
                    n += 1
                column += L
                if column >= line:
                    row, column = row + 1, column - line
        if not cut:
            b.whole = n
    b.count = n


cdef inline void gather(const real* g, const Job* job, Py_ssize_t filters, const Block* b,
                        real* lines, real* out) noexcept nogil:
    """g's vectors in the order of the block, filter by filter.  Rows that are whole vectors have
    that order; others are first laid out with zeros between them and behind the last."""
    cdef Py_ssize_t o, image, row, v, i, L = lanes(g), OW = job.s.x.w.M
    cdef bint ordered = b.whole == b.count and job.line == OW
    cdef const real* x
    cdef real* y
    for o in range(filters):
        y = out if ordered else lines
        for image in range(b.images):
            x = g + (image * job.s.G * job.s.OC + o) * job.s.x.places
            for row in range(b.rows):
                copy(x + row * OW, OW, y)
                for i in range(OW, job.line):
                    y[i] = 0
                y += job.line
            if not ordered:
                for i in range(L):
                    y[i] = 0
                y += L
        for v in range(0 if ordered else b.count):
            copy(lines + b.place[v], L, out + v * L)
        out += b.count * L


cdef inline void add_block(const real* frames, const real* g, const Job* job, Py_ssize_t filters,
                           const Block* b, real* sums) noexcept nogil:
    if real is float:
        all_tiles(filters, job.s.x.taps, <const char*> frames, job.taps, <const vfloat*> g, b,
                  job.mask, <vfloat*> sums)
    else:
        all_tiles(filters, job.s.x.taps, <const char*> frames, job.taps, <const vdouble*> g, b,
                  job.mask, <vdouble*> sums)


cdef inline real sum_of(const real* x) noexcept nogil:
    """The sum of a vector's elements: half of it is added to the other, and so on."""
    cdef real s[LANES]
    cdef Py_ssize_t v, n = lanes(x) // 2
    for v in range(n):
        s[v] = x[v] + x[n + v]
    while n > 1:
        n //= 2
        for v in range(n):
            s[v] += s[n + v]
    return s[0]


cdef inline void put_sums(const real* sums, Py_ssize_t filters, Py_ssize_t K,
                          real* dw) noexcept nogil:          # OUT (filters, K)
    """Add up each vector of the tiles."""
    cdef Py_ssize_t i = 0, t, r, rows, L = lanes(sums)
    while i < filters:
        rows = height(filters - i)
        for t in range(K):
            for r in range(rows):
                dw[(i + r) * K + t] = sum_of(sums + ((t // NV * MR + r) * NV + t % NV) * L)
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
    cdef real* lines = packed + job.g_size
    cdef real* sums = lines + job.lines_size
    cdef const real* x
    cdef const real* g
    cdef Block b
    b.images = b.rows = b.count = b.whole = 0
    b.source = job.sources + thread * 3 * job.block
    b.place, b.mask = b.source + job.block, b.source + 2 * job.block
    memset(sums, 0, job.sums_size * sizeof(real))
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
                if images != b.images or n != b.rows:
                    lay_out(job, images, n, lanes(g), &b)
                gather(g + (top + row) * s.x.w.M, job, filters, &b, lines, packed)
                add_block(frames + row * s.x.h.S * s.f.pitch, packed, job, filters, &b, sums)
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
    job.line = line_of(&s.x, &s.f, s.f.rows, L)
    if job.line < L:             # a vector would end more than one row
        job.line = L * strips(s.x.w.M, L)
    job.rows = min(s.f.rows, max(<Py_ssize_t> 1, BLOCK // strips(job.line, L)))
    job.at_once = 1
    if job.rows == s.x.h.M:
        job.at_once = max(<Py_ssize_t> 1, min(BLOCK // vectors(job, job.rows, L),
                                              FRAME // s.f.size))
        job.at_once = min(job.at_once, job.images)
    job.block = job.at_once * vectors(job, job.rows, L)
    job.frames_size = job.at_once * s.f.size + LANES      # a vector reads behind the last of them
    job.g_size = job.block * job.filters * L
    job.lines_size = job.at_once * (job.rows * job.line + L)
    job.sums_size = of_strip * (strips(job.filters, MR) + 3)
    job.room_size = job.frames_size + job.g_size + job.lines_size + job.sums_size


cdef void fill_mask(const Job* job, int width) noexcept nogil:
    """Ones for windows inside a row and for the beginning of the next; and again for the last row,
    which has no next."""
    cdef Py_ssize_t OW = job.s.x.w.M
    memset(job.mask, 0, 2 * last_row(job) * width)
    memset(job.mask, 255, OW * width)
    memset(job.mask + job.line * width, 255, min(OW, <Py_ssize_t> LANES) * width)
    memset(job.mask + last_row(job) * width, 255, OW * width)


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
    pieces = job.chunks * s.G * job.parts
    threads = threads_for(pieces, s.N * s.G * s.OC * s.x.places * s.x.taps // SPEED)
    size = s.x.taps + 3 * job.block * threads
    cdef cnp.npy_intp bytes = 2 * last_row(&job) * width
    cdef cnp.ndarray mask = buffers.empty(1, &bytes, cnp.NPY_UINT8)
    job.mask = mask.data
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
        fill_mask(&job, width)
        share(any_piece, &job, pieces, threads)
        if job.kind == cnp.NPY_FLOAT:
            add_chunks(<float*> job.dw, job.chunks, cnp.PyArray_SIZE(dw), <float*> dw.data)
        else:
            add_chunks(<double*> job.dw, job.chunks, cnp.PyArray_SIZE(dw), <double*> dw.data)
    return 0
