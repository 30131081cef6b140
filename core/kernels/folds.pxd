cdef enum:
    LANES = 32          # accumulators of a run: a row of this width has a faster loop

# Accumulate `count` rows of `width` adjacent elements, `stride` bytes apart, into the accumulators:
# out[j] = out[j] op a[i, j] for every row i.
ctypedef void (*fold_t)(
    void* a, Py_ssize_t stride, Py_ssize_t count, void* out, Py_ssize_t width) noexcept nogil

cdef fold_t fold_loop(int op, int slot) noexcept nogil
cdef int total_slot(int op, int slot) noexcept nogil
cdef void identity(int op, int slot, void* out) noexcept nogil
