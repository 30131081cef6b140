cimport numpy as cnp


cdef inline bint reduced(unsigned long long axes, int i) noexcept nogil:
    return axes >> i & 1


cdef void fold_axes(
    int op, int slot, cnp.ndarray a, unsigned long long axes, cnp.ndarray out) noexcept
