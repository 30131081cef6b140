cimport numpy as cnp

cpdef enum Form:
    PLAIN, LOG

cpdef cnp.ndarray softmax(Form kind, cnp.ndarray x, int axis)
cpdef cnp.ndarray softmax_grad(Form kind, cnp.ndarray g, cnp.ndarray y, int axis)
