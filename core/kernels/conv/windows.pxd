"""Sliding windows: the columns of im2col, for convolution and for unfold and fold."""
cimport numpy as cnp

from plugrad.kernels.base.typenums cimport real

# One axis: N pixels under windows of K taps, D apart, that start S apart from each other and P
# pixels before the image (what is outside reads as zero); they have M positions.
ctypedef struct Axis:
    Py_ssize_t N, K, S, P, D, M

# Windows over C planes; c, h and w say where the planes lie, counted in elements.
ctypedef struct Windows:
    Axis h, w
    Py_ssize_t C, c_stride, h_stride, w_stride
    Py_ssize_t taps            # C*KH*KW, rows of the column matrix
    Py_ssize_t places          # OH*OW, its columns
    Py_ssize_t rows            # output rows to lay out at once, so that the matrix stays small

cdef inline Py_ssize_t first(const Axis* s, Py_ssize_t k) noexcept nogil:
    """The first window whose tap k is inside the image; windows before it see padding.
    At most M, but more than `past` if there is no such window."""
    return min(s.M, max(0, (s.P - k * s.D + s.S - 1) // s.S))


cdef inline Py_ssize_t past(const Axis* s, Py_ssize_t k) noexcept nogil:
    """One past the last window whose tap k is inside the image."""
    cdef Py_ssize_t room = s.N - 1 + s.P - k * s.D
    return 0 if room < 0 else min(s.M, room // s.S + 1)


cdef inline Py_ssize_t seen(const Axis* s, Py_ssize_t places) noexcept nogil:
    """How many pixels so many neighboring windows cover, with all between."""
    return (places - 1) * s.S + s.D * (s.K - 1) + 1


cpdef cnp.ndarray unfold(cnp.ndarray x, kernel, dilation, padding, stride)
cpdef cnp.ndarray fold(cnp.ndarray cols, output_size, kernel, dilation, padding, stride)

cdef int windows(str door, Windows* s, Py_ssize_t C, image, kernel, stride, padding,
                 dilation) except -1
cdef void im2col(const real* x, const Windows* s, Py_ssize_t top, Py_ssize_t rows,
                 real* cols) noexcept nogil
cdef void col2im(const real* cols, const Windows* s, Py_ssize_t top, Py_ssize_t rows,
                 real* x) noexcept nogil
