cdef void exp_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void sigmoid_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void tanh_float(float* a, float* out, Py_ssize_t n) noexcept nogil
