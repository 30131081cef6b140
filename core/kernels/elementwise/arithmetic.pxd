from plugrad.kernels.strides.mapping cimport loop_t

cdef loop_t arithmetic_loop(int op, int slot) noexcept
