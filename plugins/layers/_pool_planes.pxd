cimport numpy as cnp
from libc.stdint cimport int64_t

# A window along one axis: the pixels first, first + step, ... before past; none if first >= past.
cdef struct Span:
    Py_ssize_t first, past, step
    Py_ssize_t count           # what the average along this axis divides by

# Neighboring windows, each with one pixel of it: `step` apart.
cdef struct Run:
    Py_ssize_t window, count
    Py_ssize_t pixel, step

# All windows of N planes: H x W pixels, OH x OW windows.
cdef struct Pool:
    Py_ssize_t N, H, W, OH, OW, runs
    Py_ssize_t joined          # rows that each run goes on through: 1 or OH
    Span* h
    Span* w
    Run* run                   # along w: every pixel of every window once, a window's in order
    void* divisor              # OH x OW of the pixels' dtype

cdef enum What:
    LARGEST, SCATTER, GATHER, AVERAGE, SPREAD


cdef int64_t each_plane(What what, const Pool* s, cnp.ndarray pixels, cnp.ndarray windows,
                        cnp.ndarray at) except? -2
