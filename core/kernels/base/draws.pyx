"""Random numbers from the bits of a generator, the same ones that PyTorch makes of them."""

cimport numpy as cnp
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.math cimport ceil
from libc.stdint cimport int64_t, uint64_t
from numpy.random cimport bitgen_t

cnp.import_array()

cdef enum:
    FLOAT_BITS = 24            # of the significand of a float
    DOUBLE_BITS = 53
    WIDE = 1 << 28             # from as many integers on, 64 bits are drawn for each

ctypedef fused real:
    float
    double


cdef inline uint64_t bits53(bitgen_t* g) noexcept nogil:
    return g.next_uint64(g.state) & ((<uint64_t> 1 << DOUBLE_BITS) - 1)


cdef inline uint64_t below(bitgen_t* g, uint64_t count) noexcept nogil:
    """An integer from 0 to count - 1."""
    return g.next_uint64(g.state) % count if count >= WIDE else g.next_uint32(g.state) % count


cdef void uniform_of(bitgen_t* g, real* out, Py_ssize_t size, real low, real high) noexcept nogil:
    cdef Py_ssize_t i
    cdef real u
    for i in range(size):
        if real is float:
            u = <float> (g.next_uint32(g.state) & ((1 << FLOAT_BITS) - 1)) / (1 << FLOAT_BITS)
        else:
            u = <double> bits53(g) / (<uint64_t> 1 << DOUBLE_BITS)
        out[i] = u * (high - low) + low


cdef void coins_of(bitgen_t* g, real* out, Py_ssize_t size, double p) noexcept nogil:
    cdef uint64_t enough = <uint64_t> ceil(p * (<uint64_t> 1 << DOUBLE_BITS))
    cdef Py_ssize_t i
    for i in range(size):
        out[i] = bits53(g) < enough


cdef bitgen_t* generator_of(bits) except NULL:
    return <bitgen_t*> PyCapsule_GetPointer(bits.capsule, "BitGenerator")


cdef Py_ssize_t check(str door, cnp.ndarray out, int first, int second) except -1:
    if not (cnp.PyArray_ISCARRAY(out) and cnp.PyArray_TYPE(out) in (first, second)):
        raise ValueError(f"{door}: expected a contiguous array of one of two dtypes, got "
                         f"{out.dtype} of shape {(<object>out).shape}")
    return cnp.PyArray_SIZE(out)


def uniform(bits, cnp.ndarray out, double low, double high):
    """Fill out, floats or doubles, with numbers uniform in [low, high).

    bits: a BitGenerator of NumPy.   A float takes 24 of its bits, a double 53."""
    cdef Py_ssize_t size = check("uniform", out, cnp.NPY_FLOAT, cnp.NPY_DOUBLE)
    cdef bitgen_t* g = generator_of(bits)
    with bits.lock, nogil:
        if cnp.PyArray_TYPE(out) == cnp.NPY_FLOAT:
            uniform_of(g, <float*> cnp.PyArray_DATA(out), size, <float> low, <float> high)
        else:
            uniform_of(g, <double*> cnp.PyArray_DATA(out), size, low, high)


def coins(bits, cnp.ndarray out, double p):
    """Fill out, floats or doubles, with 1 with probability p, else with 0.

    Raises ValueError for p outside [0, 1]."""
    cdef Py_ssize_t size = check("coins", out, cnp.NPY_FLOAT, cnp.NPY_DOUBLE)
    if not 0 <= p <= 1:
        raise ValueError(f"coins: expected a probability from 0 to 1, got {p}")
    cdef bitgen_t* g = generator_of(bits)
    with bits.lock, nogil:
        if cnp.PyArray_TYPE(out) == cnp.NPY_FLOAT:
            coins_of(g, <float*> cnp.PyArray_DATA(out), size, p)
        else:
            coins_of(g, <double*> cnp.PyArray_DATA(out), size, p)


def integers(bits, cnp.ndarray out, int64_t low, uint64_t count):
    """Fill out, int64, with integers from low to low + count - 1, all but equally likely."""
    cdef Py_ssize_t i, size = check("integers", out, cnp.NPY_INT64, cnp.NPY_INT64)
    cdef bitgen_t* g = generator_of(bits)
    cdef int64_t* x = <int64_t*> cnp.PyArray_DATA(out)
    if count < 1:
        raise ValueError("integers: expected a count of at least 1")
    with bits.lock, nogil:
        for i in range(size):
            x[i] = low + <int64_t> below(g, count)


def shuffle(bits, cnp.ndarray out):
    """Put the elements of out, int64, into random order (Durstenfeld, 1964)."""
    cdef Py_ssize_t i, j, size = check("shuffle", out, cnp.NPY_INT64, cnp.NPY_INT64)
    cdef bitgen_t* g = generator_of(bits)
    cdef int64_t* x = <int64_t*> cnp.PyArray_DATA(out)
    with bits.lock, nogil:
        for i in range(size - 1):
            j = i + <Py_ssize_t> (g.next_uint32(g.state) % <uint64_t> (size - i))
            x[i], x[j] = x[j], x[i]
