"""The matrix product: doors on arrays, and a function on pointers for other kernels."""
cimport numpy as cnp

from plugrad.kernels.base.typenums cimport real

# C (m, n) = A (m, k) @ B (k, n).  Strides count elements: r from row to row, c along a row.
ctypedef struct Product:
    Py_ssize_t m, n, k
    Py_ssize_t ra, ca, rb, cb, rc, cc

cpdef cnp.ndarray gemm(cnp.ndarray a, cnp.ndarray b, cnp.ndarray out=*, bint accumulate=*)
cpdef cnp.ndarray matmul(cnp.ndarray a, cnp.ndarray b, cnp.ndarray start=*)

# For kernels that multiply many matrices without the GIL: allocate `scratch` elements once for the
# largest product and hand them to every call.
cdef Py_ssize_t scratch(const Product* p) noexcept nogil
cdef void multiply(const real* a, const real* b, const real* start, real* c, const Product* p,
                   bint accumulate, real* work) noexcept nogil

# For products with the same B over and over: pack it once, into `packed_size` elements.
cdef Py_ssize_t packed_size(const Product* p) noexcept nogil
cdef void pack_b(const real* b, const Product* p, real* out) noexcept nogil
cdef void multiply_packed(const real* a, const real* packed_b, real* c, const Product* p,
                          bint accumulate) noexcept nogil
