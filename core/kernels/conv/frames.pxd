"""Where a convolution's images lie before its kernels, and its results behind them."""
from plugrad.kernels.base.typenums cimport real
from plugrad.kernels.conv.windows cimport Windows

# A band of an image with the border of zeros around it: what the windows of some output rows see.
# Columns that neighboring windows see at the same tap lie side by side: the first columns of all
# strides, then the second ones, `phase` elements apart.
ctypedef struct Frame:
    Py_ssize_t rows            # output rows of a band
    Py_ssize_t phase, pitch    # elements from phase to phase and from row to row
    Py_ssize_t plane, size     # from plane to plane, and in all

cdef enum:
    FRAME = 1 << 16            # elements of a frame, unless a single output row sees more

# A convolution: N images; G groups, each from the C planes of `x` to OC output planes.
ctypedef struct Conv:
    Windows x
    Frame f
    Py_ssize_t N, G, OC, image_stride

# How its output planes lie, counted in elements: one behind the other, their rows, and a row's
# elements.
ctypedef struct Plane:
    Py_ssize_t size, pitch, step


cdef inline void rows_inside(const Windows* s, Py_ssize_t top, Py_ssize_t height,
                             Py_ssize_t* above, Py_ssize_t* below) noexcept nogil:
    """Which rows of a frame that begins with output row `top` show the image: above to below."""
    cdef Py_ssize_t y = top * s.h.S - s.h.P
    above[0] = min(height, max(<Py_ssize_t> 0, -y))
    below[0] = max(above[0], min(height, s.h.N - y))


cdef inline void columns_inside(const Windows* s, const Frame* f, Py_ssize_t phase,
                                Py_ssize_t* left, Py_ssize_t* past) noexcept nogil:
    """Which columns of a phase of a frame show the image: left to past."""
    cdef Py_ssize_t P = s.w.P - phase + s.w.S - 1
    left[0] = max(<Py_ssize_t> 0, P // s.w.S)
    past[0] = max(left[0], min(f.phase, (s.w.N + P) // s.w.S))


cdef Frame frame(const Windows* s, Py_ssize_t limit) noexcept nogil
cdef void offsets(const Windows* s, const Frame* f, Py_ssize_t* out) noexcept nogil
cdef void offsets_by_row(const Windows* s, const Frame* f, Py_ssize_t* out) noexcept nogil
cdef Py_ssize_t line_of(const Windows* s, const Frame* f, Py_ssize_t rows,
                        Py_ssize_t L) noexcept nogil
cdef void put_in_frame(const real* x, const Windows* s, const Frame* f, Py_ssize_t top,
                       Py_ssize_t rows, real* out) noexcept nogil
cdef void put_in_planes(const real* sums, Py_ssize_t rows, Py_ssize_t OW, Py_ssize_t line,
                        Py_ssize_t width, Py_ssize_t planes, const Plane* plane,
                        real* y) noexcept nogil
