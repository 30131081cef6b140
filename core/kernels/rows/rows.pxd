cimport numpy as cnp

cdef cnp.ndarray take_rows(cnp.ndarray a, cnp.ndarray index)
cdef bint add_rows(cnp.ndarray out, cnp.ndarray index, cnp.ndarray g)
