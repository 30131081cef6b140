"""dw[o, t] = sum over images and windows q of g[o, q] * x[window q, t].

A register tile is some taps by two vectors of filters; window after window, it takes up a pixel at
each tap and the window's gradients, which are packed filter beside filter.  Images are dealt out in
chunks whose sums are added up in order at the end, so that threads change no bit."""

cimport numpy as cnp
from libc.string cimport memset

from plugrad.kernels.base cimport buffers
from plugrad.kernels.conv.frames cimport FRAME, Conv, offsets_by_row, put_in_frame
from plugrad.kernels.matmul.panels cimport (
    MR, NV, any_vector, breadth, element, half, hfloat, lanes, pack_columns, pack_vectors, strips,
    tall, tile_columns, vdouble, vfloat,
)
from plugrad.kernels.base.threads cimport share, threads_for
from plugrad.kernels.base.typenums cimport real
from plugrad.kernels.conv.windows cimport first, past

cnp.import_array()

cdef enum:
    CHUNKS = 8            # of images
    CHUNK_SUMS = 1 << 19  # elements of all chunks' sums, unless one of them has more
    BLOCK = 128           # windows at a time: a strip of their gradients stays in L1
    SPEED = 8             # multiplications in the time of another operation on a number

# What the threads share; a piece is a chunk of the images, one group, and a part of its channels.
cdef struct Job:
    const Conv* s
    void* x
    void* g
    void* dw
    void* sums                   # (chunks, groups, parts) of sums_size
    void* room                   # for each thread frames and packed gradients
    Py_ssize_t* taps             # and a table of them
    Py_ssize_t chunks, images    # how many, and images in one
    Py_ssize_t parts, channels   # how many, and channels in one
    Py_ssize_t at_once, rows     # images and their output rows that make up a block
    Py_ssize_t taps_size, frames_size, room_size, sums_size
    int kind

# Windows of some images whose gradients are packed.
cdef struct Block:
    Py_ssize_t images, size      # frames, so far apart
    Py_ssize_t rows, pitch       # of windows
    Py_ssize_t windows           # in a row
    Py_ssize_t top, past         # the rows that the taps at hand do not see in vain


cdef inline void tile(int rows, int windows,       # constants: at most MR taps; 1 window, or NV
                      const char* x,               # IN  frames
                      const Py_ssize_t* taps,      # IN  rows
                      const char* g,               # IN  (images, rows, windows, vectors)
                      const Block* b,
                      any_vector* sums) noexcept nogil:      # OUT (MR, NV), added to
    """A row of sums is NV vectors of filters; or one vector, or half of one, for NV neighboring
    windows, where it holds all filters that are left: so no sum has to wait for itself."""
    cdef any_vector acc[MR * NV]
    cdef const char* pixels[MR]
    cdef const char* d
    cdef Py_ssize_t image, row, q, i, j, at, end
    cdef Py_ssize_t width = sizeof(double) if any_vector is vdouble else sizeof(float)
    cdef Py_ssize_t step = sizeof(vfloat)          # of any vector, in bytes
    for i in range(rows):
        pixels[i] = x + taps[i] * width
        for j in range(NV):
            acc[i * NV + j] = sums[i * NV + j]
    for image in range(b.images):
        d = g + (image * b.rows + b.top) * b.windows * (NV // windows) * step
        for row in range(b.top, b.past):
            at = image * b.size + row * b.pitch
            end = at + b.windows
            for q from at <= q <= end - windows by windows:
                for i in range(rows):
                    for j in range(NV):
                        acc[i * NV + j] += (<const any_vector*> (d + j * step))[0] * element(
                            <const any_vector*> pixels[i], q + j * (windows - 1) // (NV - 1))
                d += NV * step
            if windows > 1 and b.windows % windows:
                for i in range(rows):
                    acc[i * NV] += (<const any_vector*> d)[0] * element(
                        <const any_vector*> pixels[i], end - 1)
                d += step
    for i in range(rows):
        for j in range(NV):
            sums[i * NV + j] = acc[i * NV + j]


cdef inline void some_taps(Py_ssize_t rows, int windows, const char* x, const Py_ssize_t* taps,
                           const char* g, const Block* b, any_vector* sums) noexcept nogil:
    """`tile` of a height that it is compiled for."""
    if rows == MR:
        tile(MR, windows, x, taps, g, b, sums)
    elif rows == MR // 6 * 5:
        tile(MR // 6 * 5, windows, x, taps, g, b, sums)
    elif rows == MR // 6 * 4:
        tile(MR // 6 * 4, windows, x, taps, g, b, sums)
    elif rows == MR // 6 * 3:
        tile(MR // 6 * 3, windows, x, taps, g, b, sums)
    elif rows == MR // 6 * 2:
        tile(MR // 6 * 2, windows, x, taps, g, b, sums)
    else:
        tile(MR // 6, windows, x, taps, g, b, sums)


cdef inline void any_taps(Py_ssize_t rows, Py_ssize_t filters, const real* x,
                          const Py_ssize_t* taps, const real* g, const Block* b,
                          real* sums) noexcept nogil:
    cdef const char* pixels = <const char*> x
    cdef const char* d = <const char*> g
    cdef Py_ssize_t L = lanes(x)
    if real is float:
        if filters <= half(x) < L:
            some_taps(rows, NV, pixels, taps, d, b, <hfloat*> sums)
        elif filters <= L:
            some_taps(rows, NV, pixels, taps, d, b, <vfloat*> sums)
        else:
            some_taps(rows, 1, pixels, taps, d, b, <vfloat*> sums)
    elif filters <= L:
        some_taps(rows, NV, pixels, taps, d, b, <vdouble*> sums)
    else:
        some_taps(rows, 1, pixels, taps, d, b, <vdouble*> sums)


cdef inline Py_ssize_t run(const Conv* s, Py_ssize_t channels) noexcept nogil:
    """Taps that tiles count together: those in one row of the filters, unless they are few."""
    return channels * s.x.w.K * (1 if channels * s.x.w.K >= MR else s.x.h.K)


cdef Py_ssize_t tiles(Py_ssize_t taps, Py_ssize_t run) noexcept nogil:
    """How many tiles cover so many taps, a multiple of `run`."""
    cdef Py_ssize_t left = run, n = 0
    while left > 0:
        left -= tall(left)
        n += 1
    return n * (taps // run)


cdef inline void gather(const real* g, const Conv* s, Py_ssize_t images, Py_ssize_t windows,
                        real* out) noexcept nogil:           # OUT (strips, images, windows, NR)
    """g's windows, filter beside filter."""
    cdef Py_ssize_t i, o = 0, n, NR = tile_columns(g), L = lanes(g)
    cdef const real* x
    while o < s.OC:
        n = breadth(s.OC - o, g)
        for i in range(images):
            x = g + i * s.G * s.OC * s.x.places + o * s.x.places
            if n <= L:
                pack_vectors(x, s.x.places, 1, n, windows, out)
                out += windows * L
            else:
                pack_columns(x, s.x.places, 1, n, windows, out)
                out += windows * NR
        o += n


cdef inline void add_block(const real* frames, const real* g, const Conv* s, Py_ssize_t channels,
                           const Py_ssize_t* taps, Block* b, Py_ssize_t top,
                           real* sums) noexcept nogil:
    """A block's share in all sums: tile after tile, while a strip of g is in the cache.  Rows of
    windows that see but padding at a tile's taps are left out."""
    cdef Py_ssize_t o = 0, t, rows, left, n, NR = tile_columns(g), L = lanes(g)
    cdef Py_ssize_t of_row = channels * s.x.w.K, length = run(s, channels)
    while o < s.OC:
        n = breadth(s.OC - o, g)
        for t from 0 <= t < of_row * s.x.h.K by length:
            b.top = max(<Py_ssize_t> 0, first(&s.x.h, (t + length - 1) // of_row) - top)
            b.past = min(b.rows, past(&s.x.h, t // of_row) - top)
            left = length
            while left > 0:
                rows = tall(left)
                any_taps(rows, n, frames, taps + t + length - left, g, b, sums)
                sums += MR * NR
                left -= rows
        g += b.images * b.rows * b.windows * strips(n, L) * L
        o += n


cdef inline void piece(const Job* job, Py_ssize_t number, int thread, real* _) noexcept nogil:
    cdef Conv s = job.s[0]
    cdef Py_ssize_t part = number % job.parts, group = number // job.parts % s.G
    cdef Py_ssize_t chunk = number // job.parts // s.G
    cdef Py_ssize_t c = part * job.channels, channels = min(job.channels, s.x.C - c)
    cdef Py_ssize_t image = chunk * job.images, end = min(image + job.images, s.N)
    cdef Py_ssize_t i, top, rows, row
    cdef Py_ssize_t* taps = job.taps + thread * job.taps_size
    cdef real* frames = <real*> job.room + thread * job.room_size
    cdef real* packed = frames + job.frames_size
    cdef real* sums = <real*> job.sums + number * job.sums_size
    cdef const real* x
    cdef const real* g
    cdef Block b
    b.size, b.pitch, b.windows = s.f.size, s.x.h.S * s.f.pitch, s.x.w.M
    s.x.C = channels
    offsets_by_row(&s.x, &s.f, taps)
    for i in range(MR // 6):                       # `tall` may ask for more than there are
        taps[channels * s.x.h.K * s.x.w.K + i] = taps[0]
    memset(sums, 0, job.sums_size * sizeof(real))
    while image < end:
        b.images = min(job.at_once, end - image)
        x = (<const real*> job.x + image * s.image_stride
             + (group * job.s.x.C + c) * s.x.c_stride)
        g = <const real*> job.g + (image * s.G + group) * s.OC * s.x.places
        for top from 0 <= top < s.x.h.M by s.f.rows:
            rows = min(s.f.rows, s.x.h.M - top)
            for i in range(b.images):
                put_in_frame(x + i * s.image_stride, &s.x, &s.f, top, rows, frames + i * s.f.size)
            for row from 0 <= row < rows by job.rows:
                b.rows = min(job.rows, rows - row)
                gather(g + (top + row) * s.x.w.M, &s, b.images, b.rows * s.x.w.M, packed)
                add_block(frames + row * b.pitch, packed, &s, channels, taps, &b, top + row, sums)
        image += b.images


cdef inline void put_tile(const real* sums, Py_ssize_t rows, Py_ssize_t filters, const Conv* s,
                          Py_ssize_t of_row, Py_ssize_t tap, real* dw) noexcept nogil:
    """A tile's sums to where they belong in dw (filters, C, KH, KW)."""
    cdef Py_ssize_t o, at, KW = s.x.w.K, L = lanes(sums)
    if filters <= half(sums):
        L = half(sums)
    for tap in range(tap, tap + rows):
        at = (tap % of_row // KW * s.x.h.K + tap // of_row) * KW + tap % KW
        for o in range(filters):
            dw[o * s.x.taps + at] = sums[o]
        for o in range(filters if filters <= L else 0):      # the other window
            dw[o * s.x.taps + at] += sums[L + o]
        sums += NV * L


cdef inline void put_part(const Job* job, Py_ssize_t number, real* _) noexcept nogil:
    """Add up the chunks of a part."""
    cdef const Conv* s = job.s
    cdef Py_ssize_t part = number % job.parts, group = number // job.parts
    cdef Py_ssize_t c = part * job.channels, channels = min(job.channels, s.x.C - c)
    cdef Py_ssize_t of_row = channels * s.x.w.K, length = run(s, channels)
    cdef Py_ssize_t i, o = 0, n, t, left, rows, chunk, NR = tile_columns(<const real*> NULL)
    cdef Py_ssize_t of_chunk = s.G * job.parts * job.sums_size
    cdef real* sums = <real*> job.sums + number * job.sums_size
    cdef real* dw = <real*> job.dw + (group * s.OC * s.x.C + c) * s.x.h.K * s.x.w.K
    for chunk in range(1, job.chunks):
        for i in range(job.sums_size):
            sums[i] += sums[chunk * of_chunk + i]
    while o < s.OC:
        n = breadth(s.OC - o, <const real*> NULL)
        for t from 0 <= t < of_row * s.x.h.K by length:
            left = length
            while left > 0:
                rows = tall(left)
                put_tile(sums, min(rows, left), n, s, of_row, t + length - left,
                         dw + o * s.x.taps)
                sums += MR * NR
                left -= rows
        o += n


cdef void any_piece(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        piece(job, number, thread, <float*> NULL)
    else:
        piece(job, number, thread, <double*> NULL)


cdef void any_part(void* context, Py_ssize_t number, int thread) noexcept nogil:
    cdef Job* job = <Job*> context
    if job.kind == cnp.NPY_FLOAT:
        put_part(job, number, <float*> NULL)
    else:
        put_part(job, number, <double*> NULL)


cdef void deal_out(Job* job, real* kind) noexcept:
    """Choose chunks, parts and blocks, by the sizes alone."""
    cdef const Conv* s = job.s
    cdef Py_ssize_t NR = tile_columns(kind), filters = 0, count = 0, size, taps
    while filters < s.OC:
        filters += breadth(s.OC - filters, kind)
        count += 1
    size = s.G * count * NR * s.x.taps
    job.chunks = max(<Py_ssize_t> 1, min(min(<Py_ssize_t> CHUNKS, s.N), CHUNK_SUMS // size))
    job.images = strips(s.N, job.chunks)
    job.chunks = strips(s.N, job.images)
    job.channels = strips(s.x.C, CHUNKS // job.chunks)       # pieces enough for some threads
    job.parts = strips(s.x.C, job.channels)
    job.rows = min(s.f.rows, max(<Py_ssize_t> 1, BLOCK // s.x.w.M))
    job.at_once = 1
    if job.rows == s.x.h.M:
        job.at_once = max(<Py_ssize_t> 1, min(BLOCK // s.x.places, FRAME // s.f.size))
        job.at_once = min(job.at_once, job.images)
    taps = job.channels * s.x.h.K * s.x.w.K
    job.taps_size = taps + MR // 6
    job.sums_size = tiles(taps, run(s, job.channels)) * count * MR * NR
    job.frames_size = job.at_once * s.f.size
    job.room_size = job.frames_size + job.at_once * job.rows * s.x.w.M * strips(s.OC, NR) * NR


cdef int weight_gradient(cnp.ndarray x, cnp.ndarray g, cnp.ndarray dw, const Conv* s) except -1:
    """Fill dw (G * OC, C, KH, KW), in C order like g (N, G * OC, OH, OW); all of one float dtype,
    x lies as s says.  Nothing is empty."""
    cdef Job job
    cdef cnp.npy_intp size
    cdef Py_ssize_t pieces
    cdef int threads
    job.s, job.kind = s, cnp.PyArray_TYPE(x)
    if job.kind == cnp.NPY_FLOAT:
        deal_out(&job, <float*> NULL)
    else:
        deal_out(&job, <double*> NULL)
    pieces = job.chunks * s.G * job.parts
    threads = threads_for(pieces, s.N * s.G * s.OC * s.x.places * s.x.taps // SPEED)
    size = job.taps_size * threads
    cdef cnp.ndarray taps = buffers.empty(1, &size, cnp.NPY_INTP)
    size = job.sums_size * pieces
    cdef cnp.ndarray sums = buffers.empty(1, &size, job.kind)
    size = job.room_size * threads
    cdef cnp.ndarray room = buffers.empty(1, &size, job.kind)
    job.x, job.g, job.dw, job.sums, job.room = x.data, g.data, dw.data, sums.data, room.data
    job.taps = <Py_ssize_t*> taps.data
    with nogil:
        memset(job.room, 0, cnp.PyArray_NBYTES(room))
        share(any_piece, &job, pieces, threads)
        share(any_part, &job, s.G * job.parts, threads)
    return 0
