from plugrad.kernels.strides.mapping cimport loop_t

cdef loop_t comparison_loop(int op, int slot) noexcept
cdef loop_t where_loop(int slot) noexcept
