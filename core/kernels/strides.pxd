cimport numpy as cnp

# A loop runs over n elements that lie one after the other.  It is stored without its arguments and
# called as what it is: one, two or three inputs, then the output.
ctypedef void (*loop_t)() noexcept nogil
ctypedef void (*loop1_t)(void* a, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop2_t)(void* a, void* b, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop3_t)(void* a, void* b, void* c, void* out, Py_ssize_t n) noexcept nogil

cdef enum:
    MAX_NDIM = 64           # NumPy's NPY_MAXDIMS
    RELEASE = 16384         # elements from which releasing the GIL costs less than holding it

# Up to three inputs and one output, seen as arrays of one shape.  Axis 0 is the innermost.
cdef struct Walk:
    int ndim
    int operands
    int itemsize[4]
    char* data[4]
    Py_ssize_t shape[64]
    Py_ssize_t strides[4][64]       # in bytes

cdef void simplify(Walk* w, int by) noexcept nogil
cdef bint advance(Walk* w, Py_ssize_t* index, char** row, int first) noexcept nogil
cdef void fill(char* out, char* a, Py_ssize_t n, int size) noexcept nogil
cdef void move(
    char* out, Py_ssize_t to, char* a, Py_ssize_t stride, Py_ssize_t n, int size) noexcept nogil
cdef cnp.ndarray apart(cnp.ndarray a, cnp.ndarray out)
cdef bint overlap(cnp.ndarray a, cnp.ndarray b) noexcept
cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept nogil
cdef bint join(Walk* w, cnp.ndarray a) noexcept
cdef cnp.ndarray map_strided(
    str name, loop_t loop, int inputs, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c,
    cnp.ndarray out, int out_slot)
