from plugrad.kernels.base.typenums cimport real

# A block of an operand, packed or as it lies: strips as wide as the tile, `strip` elements apart;
# its lines (rows of A, columns of B) are `line` apart and their elements `step`.
ctypedef struct Block:
    Py_ssize_t strip, line, step

cdef void block(const real* a, const Block* of_a, const real* b, const Block* of_b, Py_ssize_t m,
                Py_ssize_t n, Py_ssize_t k, const real* start, bint add, real* c, Py_ssize_t rc,
                Py_ssize_t cc) noexcept nogil
