"""y = w @ windows(x) without the matrix of windows."""
cimport numpy as cnp

from plugrad.kernels.windows cimport Frame, Windows

cdef enum:
    FRAME = 1 << 16      # elements of a frame, unless a single output row sees more

# N images; G groups, each from the planes of `x` to OC output planes.
ctypedef struct Conv:
    Windows x
    Frame f
    Py_ssize_t N, G, OC, image_stride

cdef int correlate(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                   const Conv* s) except -1
