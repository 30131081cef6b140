cimport numpy as cnp

# A loop runs over n elements that lie one after the other.  It is stored without its arguments and
# called as what it is: one, two or three inputs, then the output.
ctypedef void (*loop_t)() noexcept nogil
ctypedef void (*loop1_t)(void* a, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop2_t)(void* a, void* b, void* out, Py_ssize_t n) noexcept nogil
ctypedef void (*loop3_t)(void* a, void* b, void* c, void* out, Py_ssize_t n) noexcept nogil

# `numbers`: loops for a first and a second operand that is one number (NULL: none); `cost`: what an
# element costs, in elements read or written.
cdef cnp.ndarray map_strided(
    str name, loop_t loop, int inputs, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c,
    cnp.ndarray out, int out_slot, loop_t* numbers=*, int cost=*)

cdef void map_straight(
    loop_t loop, int inputs, char** p, int* size, Py_ssize_t n, int cost) noexcept nogil
