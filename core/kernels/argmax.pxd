# The place of the chosen one among n elements that lie `stride` bytes apart.
ctypedef Py_ssize_t (*position_t)(void* a, Py_ssize_t stride, Py_ssize_t n) noexcept nogil

cdef position_t position_loop(int op, int slot) noexcept nogil
