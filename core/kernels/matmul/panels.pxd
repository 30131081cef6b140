"""Operands of a matrix product, packed for the register tile."""
from plugrad.kernels.base.typenums cimport real

cdef extern from "kernels/matmul/simd.h":
    enum:
        MR "PLUGRAD_ROWS"        # rows of the register tile
    ctypedef float vfloat
    ctypedef double vdouble
    ctypedef long double hfloat  # half a vector; to Cython it must differ from the others
    float element "plugrad_element"(const void* p, Py_ssize_t i) noexcept nogil
    void copy_bytes "plugrad_copy"(const void* x, Py_ssize_t n, void* out) noexcept nogil
    void prefetch "plugrad_prefetch"(const void* p) noexcept nogil
    void prefetch_write "plugrad_prefetch_write"(const void* p) noexcept nogil
    void plugrad_transpose_float(const float** row, float* out, Py_ssize_t width) noexcept nogil
    void plugrad_transpose_double(const double** row, double* out, Py_ssize_t width) noexcept nogil
    void even_float "plugrad_even_float"(const float* x, Py_ssize_t n, float* out) noexcept nogil
    void even_double "plugrad_even_double"(const double* x, Py_ssize_t n,
                                           double* out) noexcept nogil
    void deal_float "plugrad_deal_float"(const float* x, Py_ssize_t n, float* even,
                                         float* odd) noexcept nogil
    void deal_double "plugrad_deal_double"(const double* x, Py_ssize_t n, double* even,
                                           double* odd) noexcept nogil

ctypedef fused vector:
    vfloat
    vdouble

ctypedef fused any_vector:
    vfloat
    vdouble
    hfloat

cdef enum:
    NV = 2               # vectors in a row of the tile
    LANES = 2 * 16       # elements in a row of it, at most


cdef inline Py_ssize_t lanes(const real* _) noexcept nogil:
    """L, the elements of a vector."""
    return sizeof(vfloat) // sizeof(float) if real is float else sizeof(vdouble) // sizeof(double)


cdef inline Py_ssize_t tile_columns(const real* x) noexcept nogil:
    """NR, the columns of the register tile."""
    return NV * lanes(x)


cdef inline Py_ssize_t strips(Py_ssize_t size, Py_ssize_t width) noexcept nogil:
    """How many strips of `width` cover `size`."""
    return (size + width - 1) // width


cdef inline Py_ssize_t half(const real* x) noexcept nogil:
    """Elements in the narrowest strip: half a vector, if tiles are high enough to keep the
    processor busy with it."""
    return lanes(x) // 2 if real is float and MR > 6 else lanes(x)


cdef inline Py_ssize_t breadth(Py_ssize_t columns, const real* x) noexcept nogil:
    """Columns of the next strip where so many are left: a vector and a half are two strips."""
    if lanes(x) < columns <= lanes(x) + half(x) < tile_columns(x):
        return lanes(x)
    return min(columns, tile_columns(x))


cdef inline void copy(const real* x, Py_ssize_t n, real* out) noexcept nogil:
    copy_bytes(x, n * sizeof(real), out)


cdef inline void copy_every(const real* x, Py_ssize_t step, Py_ssize_t n, real* out) noexcept nogil:
    """Every step-th of x."""
    cdef Py_ssize_t i
    if step == 1:
        copy(x, n, out)
    elif step == 2:
        if real is float:
            even_float(x, n, out)
        else:
            even_double(x, n, out)
    else:
        for i in range(n):
            out[i] = x[i * step]


cdef inline Py_ssize_t height(Py_ssize_t rows) noexcept nogil:
    """The rows of the next tile where so many are left.  Between one and two full tiles both get a
    half: a low one does not keep the processor busy."""
    if rows >= 2 * MR or rows <= MR:
        return min(rows, <Py_ssize_t> MR)
    return (rows + 1) // 2


cdef inline Py_ssize_t tall(Py_ssize_t rows) noexcept nogil:
    """`height` where tiles are compiled for sixths of MR only, and may have one row too many."""
    cdef Py_ssize_t sixth = MR // 6
    return strips(height(rows), sixth) * sixth


cdef void pack_rows(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                    Py_ssize_t k, real* out) noexcept nogil
cdef void pack_columns(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil
cdef void pack_vectors(const real* x, Py_ssize_t line, Py_ssize_t step, Py_ssize_t lines,
                       Py_ssize_t k, real* out) noexcept nogil
