cimport numpy as cnp

cdef enum:
    MAX_NDIM = 64           # NumPy's NPY_MAXDIMS
    RELEASE = 16384         # elements from which releasing the GIL costs less than holding it

# Up to three inputs and one output, seen as arrays of one shape.  Axis 0 is the innermost.
cdef struct Walk:
    int ndim
    int operands
    int itemsize[4]
    char* data[4]
    Py_ssize_t shape[MAX_NDIM]
    Py_ssize_t strides[4][MAX_NDIM]      # in bytes

cdef void simplify(Walk* w, int by) noexcept nogil
cdef bint advance(Walk* w, Py_ssize_t* index, char** row, int first) noexcept nogil
cdef void fill(char* out, char* a, Py_ssize_t n, int size) noexcept nogil
cdef void move(
    char* out, Py_ssize_t to, char* a, Py_ssize_t stride, Py_ssize_t n, int size) noexcept nogil
cdef cnp.ndarray apart(cnp.ndarray a, cnp.ndarray out)
cdef bint overlap(cnp.ndarray a, cnp.ndarray b) noexcept
cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept nogil
cdef bint join(Walk* w, cnp.ndarray a) noexcept


cdef inline void point(Walk* w, int k, cnp.ndarray a) noexcept:
    """Let operand k start at a's first element."""
    w.data[k] = <char*> cnp.PyArray_DATA(a)
    w.itemsize[k] = <int> cnp.PyArray_ITEMSIZE(a)
