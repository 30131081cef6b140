"""y[o, q] = start[o] + sum over taps t of w[o, t] * x[window q, t].

A vector holds neighboring windows, or filters: whichever leaves fewer of its places empty.  Where
each group has but one of them, it holds groups."""

cimport numpy as cnp

from plugrad.kernels.base cimport doors
from plugrad.kernels.conv.correlate_filters cimport correlate_filters, filters_cost
from plugrad.kernels.conv.correlate_windows cimport correlate_windows, windows_cost
from plugrad.kernels.conv.depthwise cimport correlate_depthwise
from plugrad.kernels.conv.frames cimport Conv
from plugrad.kernels.matmul.panels cimport half, lanes

cnp.import_array()


cdef int correlate(cnp.ndarray x, cnp.ndarray w, cnp.ndarray start, cnp.ndarray y,
                   const Conv* s) except -1:
    """Fill y (N, G * OC, OH, OW), its planes at even distances; w (G, OC, C, KH, KW) of any
    strides; start: (G * OC,) or None.  All of one float dtype; x lies as s says.  Nothing is
    empty."""
    cdef Py_ssize_t L = lanes(<double*> NULL), least = half(<double*> NULL)
    if cnp.PyArray_TYPE(y) == cnp.NPY_FLOAT:
        L, least = lanes(<float*> NULL), half(<float*> NULL)
    if s.x.C == s.OC == 1 and s.G >= L // 2:
        return correlate_depthwise(x, w, start, y, s)
    if filters_cost(s, L, least) < windows_cost(s, L):
        return correlate_filters(x, w, start, y, s)
    return correlate_windows(x, doors.in_order(w), start, y, s)
