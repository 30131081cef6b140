cdef void exp_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void sigmoid_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void tanh_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void log_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void log1p_float(float* a, float* out, Py_ssize_t n) noexcept nogil
cdef void erf_float(float* a, float* out, Py_ssize_t n) noexcept nogil
