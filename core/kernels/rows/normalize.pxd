cimport numpy as cnp

cdef tuple channels_forward(cnp.ndarray x, cnp.ndarray w, cnp.ndarray b, cnp.ndarray stats,
                            double eps)
cdef tuple channels_backward(cnp.ndarray g, cnp.ndarray x, cnp.ndarray w, cnp.ndarray stats,
                             bint fixed, bint need_x, bint need_sums)
cdef tuple rows_forward(cnp.ndarray x, cnp.ndarray w, cnp.ndarray b, double eps)
cdef tuple rows_backward(cnp.ndarray g, cnp.ndarray x, cnp.ndarray w, cnp.ndarray stats,
                         bint need_x, bint need_sums)
