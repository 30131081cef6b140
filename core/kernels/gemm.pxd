"""The matrix product: doors on arrays, and a function on pointers for other kernels."""
cimport numpy as cnp

from plugrad.kernels.typenums cimport real

# C (m, n) = A (m, k) @ B (k, n).  Strides count elements: r from row to row, c along a row.
ctypedef struct Product:
    Py_ssize_t m, n, k
    Py_ssize_t ra, ca, rb, cb, rc, cc

cdef extern from "simd.h":
    enum:
        MR "PLUGRAD_ROWS"        # rows of the register tile
        VECTOR "PLUGRAD_VECTOR"  # bytes of a vector
    ctypedef float vfloat
    ctypedef double vdouble
    float element "plugrad_element"(const void* p, Py_ssize_t i) noexcept nogil

ctypedef fused vector:
    vfloat
    vdouble

cdef enum:
    NV = 2               # vectors in a row of the tile
    TILE = 12 * 2 * 16   # elements of a tile, at most
    LANES = 2 * 16       # elements in a row of it, at most
    KC = 256             # depth of a panel: a strip of B, KC * NV * VECTOR, stays in the L1 cache
    MC = 144             # rows of a packed block of A, which stays in the L2 cache

cdef inline Py_ssize_t tile_columns(const real* _) noexcept nogil:
    """NR, the columns of the register tile."""
    return NV * VECTOR // sizeof(real)


cdef inline Py_ssize_t strips(Py_ssize_t size, Py_ssize_t width) noexcept nogil:
    """How many strips of `width` cover `size`."""
    return (size + width - 1) // width


cpdef cnp.ndarray gemm(cnp.ndarray a, cnp.ndarray b, cnp.ndarray out=*, bint accumulate=*)
cpdef cnp.ndarray matmul(cnp.ndarray a, cnp.ndarray b)

# For kernels that multiply many matrices without the GIL: allocate `scratch` elements once for the
# largest product and hand them to every call.
cdef Py_ssize_t scratch(const Product* p) noexcept nogil
cdef void multiply(const real* a, const real* b, real* c, const Product* p, bint accumulate,
                   real* work) noexcept nogil

# For kernels that pack one of the operands themselves.
cdef void pack_rows(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                    Py_ssize_t k, real* out) noexcept nogil
cdef void pack_columns(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil
cdef void block(const real* a, const real* b, Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, bint add,
                real* c, Py_ssize_t rc, Py_ssize_t cc) noexcept nogil
