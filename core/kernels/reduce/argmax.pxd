cimport numpy as cnp

cdef void find_places(
    cnp.ndarray a, int slot, unsigned long long axes, cnp.ndarray value, cnp.ndarray out) noexcept
