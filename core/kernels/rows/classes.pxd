cimport numpy as cnp

cdef enum:
    IGNORED = -1

cdef class Labels:
    cdef readonly cnp.ndarray at            # int64 (M, L): the class of each example, or IGNORED
    cdef readonly cnp.ndarray weight        # (M, L), or None where all weights are 1
    cdef readonly double total              # the sum of the weights
    cdef readonly Py_ssize_t M, C, L        # scores are (M, C, L)

cdef Labels labels(
    cnp.ndarray target, Py_ssize_t C, cnp.ndarray weight, long long ignore_index, int typenum)
cdef tuple entropy(cnp.ndarray x, Labels labels)
cdef cnp.ndarray entropy_grad(cnp.ndarray p, cnp.ndarray g, Labels labels, double scale)
cdef cnp.ndarray pick(cnp.ndarray log_p, Labels labels)
cdef cnp.ndarray put(
    cnp.ndarray g, Labels labels, double scale, int ndim, cnp.npy_intp* shape)
