# Accumulate `count` rows of `width` adjacent elements, `stride` bytes apart, into the accumulators:
# out[j] = out[j] op a[i, j] for every row i.
ctypedef void (*fold_t)(
    void* a, Py_ssize_t stride, Py_ssize_t count, void* out, Py_ssize_t width) noexcept nogil

# Fold n adjacent elements into one accumulator: out[0] = op over a[j] for all j.  `start` is the
# accumulator that has seen nothing.
ctypedef void (*run_t)(void* a, Py_ssize_t n, void* out, void* start) noexcept nogil

cdef fold_t fold_loop(int op, int slot) noexcept nogil
cdef run_t run_loop(int op, int slot) noexcept nogil
cdef int total_slot(int op, int slot) noexcept nogil
cdef void identity(int op, int slot, void* out) noexcept nogil
