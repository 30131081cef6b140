from plugrad.kernels.strides.mapping cimport loop_t

cdef loop_t scalar_loop(int op, int slot, int which) noexcept
