cimport numpy as cnp

cpdef enum Reduction:
    SUM, PROD, MAX, MIN, ANY, ALL, ARGMAX, ARGMIN

# Axis i is reduced when bit i of `axes` is set.
cpdef cnp.ndarray reduce(Reduction op, cnp.ndarray a, unsigned long long axes, bint keepdim)
