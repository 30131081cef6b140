cimport numpy as cnp

# A loop runs over n elements that lie one after the other.  It is stored without its arguments and
# called as what it is: one, two or three inputs, then the output.
ctypedef void (*loop_t)() noexcept nogil
ctypedef void (*loop1_t)(void* a, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop2_t)(void* a, void* b, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop3_t)(void* a, void* b, void* c, void* out, Py_ssize_t n) noexcept nogil

cdef cnp.ndarray map_strided(
    str name, loop_t loop, int inputs, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c,
    cnp.ndarray out, int out_slot)
