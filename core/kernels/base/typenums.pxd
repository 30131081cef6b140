"""The six dtypes: which there are, the C types that loops are written over, and their place in a
table of loops."""

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t, uint8_t

cdef enum Slot:
    BOOL, UINT8, INT32, INT64, FLOAT32, FLOAT64, SLOTS

ctypedef fused number:
    uint8_t
    int32_t
    int64_t
    float
    double

ctypedef fused integer:
    uint8_t
    int32_t
    int64_t

ctypedef fused real:
    float
    double


cdef inline int slot(cnp.ndarray a) noexcept:
    """a's place in a table of loops, -1 for a dtype that is none of the six."""
    cdef int typenum = cnp.PyArray_TYPE(a)
    if typenum == cnp.NPY_FLOAT:
        return FLOAT32
    if typenum == cnp.NPY_DOUBLE:
        return FLOAT64
    if typenum == cnp.NPY_LONG:           # 64 bits on Linux and macOS, 32 on Windows
        return INT64 if sizeof(long) == 8 else INT32
    if typenum == cnp.NPY_LONGLONG:
        return INT64
    if typenum == cnp.NPY_INT:
        return INT32
    if typenum == cnp.NPY_BOOL:
        return BOOL
    if typenum == cnp.NPY_UBYTE:
        return UINT8
    return -1


cdef inline int typenum(int slot) noexcept nogil:
    """NumPy's number of the dtype in that slot."""
    if slot == FLOAT32:
        return cnp.NPY_FLOAT32
    if slot == FLOAT64:
        return cnp.NPY_FLOAT64
    if slot == INT64:
        return cnp.NPY_INT64
    if slot == INT32:
        return cnp.NPY_INT32
    return cnp.NPY_BOOL if slot == BOOL else cnp.NPY_UINT8


cdef inline bint is_nan(number x) noexcept nogil:
    if number is float or number is double:
        return x != x
    else:
        return False


cdef inline bint plain(cnp.ndarray a) noexcept:
    """Whether a's elements lie in C order, aligned and in the machine's byte order: a loop can run
    from the first to the last."""
    return (cnp.PyArray_CHKFLAGS(a, cnp.NPY_ARRAY_C_CONTIGUOUS | cnp.NPY_ARRAY_ALIGNED)
            and cnp.PyArray_ISNOTSWAPPED(a))
