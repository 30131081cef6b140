"""Arrays of any strides as C code sees them: broadcasting, overlap, and a walk over the axes."""

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport llabs
from libc.string cimport memcpy, memset

cnp.import_array()


cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept nogil:
    cdef int i, ndim = cnp.PyArray_NDIM(a)
    if ndim != cnp.PyArray_NDIM(b):
        return False
    for i in range(ndim):
        if cnp.PyArray_DIM(a, i) != cnp.PyArray_DIM(b, i):
            return False
    return True


cdef void extent(cnp.ndarray a, size_t* first, size_t* past) noexcept:
    """The range of addresses that holds a's elements; a must not be empty."""
    cdef int i
    cdef Py_ssize_t reach
    first[0] = <size_t> cnp.PyArray_DATA(a)
    past[0] = first[0] + <size_t> cnp.PyArray_ITEMSIZE(a)
    for i in range(cnp.PyArray_NDIM(a)):
        reach = (cnp.PyArray_DIM(a, i) - 1) * cnp.PyArray_STRIDE(a, i)
        if reach < 0:
            first[0] -= <size_t> -reach
        else:
            past[0] += <size_t> reach


cdef bint overlap(cnp.ndarray a, cnp.ndarray b) noexcept:
    """Whether the address ranges of a and b meet: always true if they share an element."""
    cdef size_t first_a, past_a, first_b, past_b
    if cnp.PyArray_SIZE(a) == 0 or cnp.PyArray_SIZE(b) == 0:
        return False
    extent(a, &first_a, &past_a)
    extent(b, &first_b, &past_b)
    return first_a < past_b and first_b < past_a


cdef cnp.ndarray apart(cnp.ndarray a, cnp.ndarray out):
    """a if writing to out element by element leaves what is still to be read of it alone, else a
    copy of a."""
    cdef int i
    if not overlap(a, out):
        return a
    if (cnp.PyArray_DATA(a) == cnp.PyArray_DATA(out) and same_shape(a, out)
            and cnp.PyArray_ITEMSIZE(a) == cnp.PyArray_ITEMSIZE(out)):
        for i in range(cnp.PyArray_NDIM(a)):
            if (cnp.PyArray_DIM(a, i) > 1
                    and cnp.PyArray_STRIDE(a, i) != cnp.PyArray_STRIDE(out, i)):
                break
        else:
            return a
    return cnp.PyArray_NewCopy(a, cnp.NPY_CORDER)


cdef bint join(Walk* w, cnp.ndarray a) noexcept:
    """Add operand a to the walk and broadcast the common shape with a's; False if they differ."""
    cdef int i, k = w.operands, ndim = cnp.PyArray_NDIM(a)
    cdef Py_ssize_t size
    while w.ndim < ndim:
        w.shape[w.ndim] = 1
        for i in range(k):
            w.strides[i][w.ndim] = 0
        w.ndim += 1
    for i in range(ndim):
        size = cnp.PyArray_DIM(a, ndim - 1 - i)
        w.strides[k][i] = 0 if size == 1 else cnp.PyArray_STRIDE(a, ndim - 1 - i)
        if size != w.shape[i]:
            if w.shape[i] == 1:
                w.shape[i] = size
            elif size != 1:
                return False
    for i in range(ndim, w.ndim):
        w.strides[k][i] = 0
    point(w, k, a)
    w.operands += 1
    return True


cdef void swap(Walk* w, int i, int j) noexcept nogil:
    cdef int k
    w.shape[i], w.shape[j] = w.shape[j], w.shape[i]
    for k in range(w.operands):
        w.strides[k][i], w.strides[k][j] = w.strides[k][j], w.strides[k][i]


cdef void simplify(Walk* w, int by) noexcept nogil:
    """Drop axes of size 1, put the smallest stride of operand `by` innermost, merge what can be
    one axis.  There are always two axes."""
    cdef int i, j, k, ndim = 0
    cdef bint one
    for i in range(w.ndim):
        if w.shape[i] != 1:
            swap(w, i, ndim)
            ndim += 1
    for i in range(1, ndim):                # insertion sort: stable, and mostly there already
        j = i
        while j > 0 and llabs(w.strides[by][j]) < llabs(w.strides[by][j - 1]):
            swap(w, j, j - 1)
            j -= 1
    i = 0
    for j in range(1, ndim):
        one = True
        for k in range(w.operands):
            one &= w.strides[k][j] == w.strides[k][i] * w.shape[i]
        if one:
            w.shape[i] *= w.shape[j]
        else:
            i += 1
            swap(w, i, j)
    w.ndim = i + 1 if ndim > 0 else 0
    while w.ndim < 2:
        w.shape[w.ndim] = 1
        for k in range(w.operands):
            w.strides[k][w.ndim] = w.itemsize[k] if w.ndim == 0 else 0
        w.ndim += 1


cdef void fill(char* out, char* a, Py_ssize_t n, int size) noexcept nogil:
    """n copies of the element at a, one after the other."""
    cdef Py_ssize_t i
    cdef int32_t word
    cdef int64_t long_word
    # memcpy of a constant size is one move, whatever type the bytes have
    if size == 4:
        memcpy(&word, a, 4)
        for i in range(n):
            memcpy(out + 4 * i, &word, 4)
    elif size == 8:
        memcpy(&long_word, a, 8)
        for i in range(n):
            memcpy(out + 8 * i, &long_word, 8)
    else:
        memset(out, a[0], n)


cdef void move(
        char* out, Py_ssize_t to, char* a, Py_ssize_t stride, Py_ssize_t n, int size,
        ) noexcept nogil:
    """Copy n elements that lie `stride` bytes apart to places `to` bytes apart."""
    cdef Py_ssize_t i
    if stride == size and to == size:
        memcpy(out, a, n * size)
    elif stride == 0 and to == size:
        fill(out, a, n, size)
    elif size == 4:
        for i in range(n):
            memcpy(out + to * i, a + stride * i, 4)
    elif size == 8:
        for i in range(n):
            memcpy(out + to * i, a + stride * i, 8)
    else:
        for i in range(n):
            out[to * i] = a[stride * i]


cdef bint advance(Walk* w, Py_ssize_t* index, char** row, int first) noexcept nogil:
    """Move row on to the next position over the axes from `first` on; False after the last one,
    with row and index back at the start."""
    cdef int d, k
    for d in range(first, w.ndim):
        index[d] += 1
        if index[d] < w.shape[d]:
            for k in range(w.operands):
                row[k] += w.strides[k][d]
            return True
        index[d] = 0
        for k in range(w.operands):
            row[k] -= w.strides[k][d] * (w.shape[d] - 1)
    return False
