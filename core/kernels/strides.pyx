"""The driver under every elementwise kernel: broadcasts operands of any strides and feeds them to a
loop in pieces that lie one after the other.

Loops know no strides.  An operand whose elements are not adjacent is first gathered, a block at a
time, into a scratch buffer that stays in the first-level cache; a strided output is scattered from
one.  That costs little more than reading with a stride, and the compiler vectorizes every loop."""

cimport numpy as cnp
from libc.stdlib cimport llabs
from libc.string cimport memcpy

from plugrad.kernels cimport buffers
from plugrad.kernels.typenums cimport plain, slot, typenum

cnp.import_array()

cdef enum:
    BLOCK = 512             # elements in a scratch buffer: 4 KiB of float64


cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept nogil:
    cdef int i, ndim = cnp.PyArray_NDIM(a)
    if ndim != cnp.PyArray_NDIM(b):
        return False
    for i in range(ndim):
        if cnp.PyArray_DIM(a, i) != cnp.PyArray_DIM(b, i):
            return False
    return True


cdef cnp.ndarray native(cnp.ndarray a):
    """a, or an aligned copy of it in the machine's byte order."""
    if cnp.PyArray_ISALIGNED(a) and cnp.PyArray_ISNOTSWAPPED(a):
        return a
    return cnp.PyArray_FROM_OF(a, cnp.NPY_ARRAY_ALIGNED | cnp.NPY_ARRAY_NOTSWAPPED)


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
    w.data[k] = <char*> cnp.PyArray_DATA(a)
    w.itemsize[k] = <int> cnp.PyArray_ITEMSIZE(a)
    w.operands += 1
    return True


cdef void swap(Walk* w, int i, int j) noexcept nogil:
    cdef int k
    w.shape[i], w.shape[j] = w.shape[j], w.shape[i]
    for k in range(w.operands):
        w.strides[k][i], w.strides[k][j] = w.strides[k][j], w.strides[k][i]


cdef void simplify(Walk* w, int by) noexcept nogil:
    """Drop axes of size 1, put the smallest stride of operand `by` innermost, merge what can be
    one axis.  The walk keeps at least one axis."""
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
    w.ndim = i + 1
    if ndim == 0:
        w.shape[0] = 1
        for k in range(w.operands):
            w.strides[k][0] = w.itemsize[k]


cdef void gather(
        char* out, char* a, Py_ssize_t stride, Py_ssize_t n, int itemsize) noexcept nogil:
    cdef Py_ssize_t i
    # memcpy of a constant size is one move, whatever type the bytes have
    if itemsize == 4:
        for i in range(n):
            memcpy(out + 4 * i, a + stride * i, 4)
    elif itemsize == 8:
        for i in range(n):
            memcpy(out + 8 * i, a + stride * i, 8)
    else:
        for i in range(n):
            out[i] = a[stride * i]


cdef void scatter(
        char* out, char* a, Py_ssize_t stride, Py_ssize_t n, int itemsize) noexcept nogil:
    cdef Py_ssize_t i
    if itemsize == 4:
        for i in range(n):
            memcpy(out + stride * i, a + 4 * i, 4)
    elif itemsize == 8:
        for i in range(n):
            memcpy(out + stride * i, a + 8 * i, 8)
    else:
        for i in range(n):
            out[stride * i] = a[i]


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


cdef inline void call(loop_t loop, int inputs, char** p, Py_ssize_t n) noexcept nogil:
    if inputs == 2:
        (<loop2_t> loop)(p[0], p[1], p[2], n)
    elif inputs == 1:
        (<loop1_t> loop)(p[0], p[1], n)
    else:
        (<loop3_t> loop)(p[0], p[1], p[2], p[3], n)


cdef void run(Walk* w, loop_t loop) noexcept nogil:
    """Call loop on every piece of a simplified walk without empty axes."""
    cdef double scratch[4][512]
    cdef char* row[4]                   # where this row of the operand starts
    cdef char* piece[4]                 # what the loop gets
    cdef char* filled[4]                # the element that fills the scratch buffer, if one does
    cdef bint adjacent[4]
    cdef Py_ssize_t index[64]
    cdef Py_ssize_t start, m, step, n = w.shape[0]
    cdef int d, k, inputs = w.operands - 1
    step = n
    for k in range(w.operands):
        row[k] = w.data[k]
        filled[k] = NULL
        adjacent[k] = w.strides[k][0] == w.itemsize[k] or n == 1
        if not adjacent[k]:
            step = min(step, BLOCK)
    for d in range(w.ndim):
        index[d] = 0
    while True:
        start = 0
        while start < n:
            m = min(step, n - start)
            for k in range(w.operands):
                if adjacent[k]:
                    piece[k] = row[k] + start * w.itemsize[k]
                    continue
                piece[k] = <char*> scratch[k]
                if k == inputs or filled[k] == row[k]:
                    continue
                gather(piece[k], row[k] + start * w.strides[k][0], w.strides[k][0], m,
                       w.itemsize[k])
                if w.strides[k][0] == 0:
                    filled[k] = row[k]
            call(loop, inputs, piece, m)
            if not adjacent[inputs]:
                scatter(row[inputs] + start * w.strides[inputs][0], piece[inputs],
                        w.strides[inputs][0], m, w.itemsize[inputs])
            start += step
        if not advance(w, index, row, 1):
            return


cdef str shapes(object a, object b, object c):
    return " and ".join([str(x.shape) for x in (a, b, c) if x is not None])


cdef check_out(str name, Walk* w, cnp.ndarray out, int out_slot):
    cdef int i
    if slot(out) != out_slot:
        raise RuntimeError(
            f"{name}: expected an output of dtype {cnp.PyArray_DescrFromType(typenum(out_slot))}, "
            f"got {out.dtype}")
    if not cnp.PyArray_ISWRITEABLE(out):
        raise RuntimeError(f"{name}: the output array is read-only; give a writeable one")
    shape = tuple([w.shape[w.ndim - 1 - i] for i in range(w.ndim)])
    if (<object> out).shape != shape:
        raise RuntimeError(
            f"{name}: expected an output of shape {shape}, got {(<object> out).shape}")
    for i in range(cnp.PyArray_NDIM(out) if cnp.PyArray_SIZE(out) else 0):
        if cnp.PyArray_DIM(out, i) > 1 and cnp.PyArray_STRIDE(out, i) == 0:
            raise RuntimeError(
                f"{name}: more than one element of the output lies at the same address "
                "(it is a broadcast view); clone it first")


cdef cnp.ndarray map_strided(
        str name, loop_t loop, int inputs, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c,
        cnp.ndarray out, int out_slot):
    """out = loop(a), loop(a, b) or loop(a, b, c), broadcast; None for operands that are not used.
    The dtypes are right already, out's is checked here."""
    cdef Walk w
    cdef int i
    cdef cnp.npy_intp shape[64]
    cdef Py_ssize_t n = 1
    cdef bint fits
    cdef cnp.ndarray target
    w.ndim = w.operands = 0
    a = native(a)
    fits = join(&w, a)
    if inputs > 1:
        b = native(b)
        fits = fits and join(&w, b)
    if inputs > 2:
        c = native(c)
        fits = fits and join(&w, c)
    if not fits:
        raise RuntimeError(
            f"{name}: shapes {shapes(a, b, c)} do not broadcast; "
            "counted from the last axis, sizes must be equal or 1")
    for i in range(w.ndim):
        shape[i] = w.shape[w.ndim - 1 - i]
        n *= shape[i]
    if out is None:
        target = out = buffers.empty(w.ndim, shape, typenum(out_slot))
    else:
        check_out(name, &w, out, out_slot)
        target = out
        if not (cnp.PyArray_ISALIGNED(out) and cnp.PyArray_ISNOTSWAPPED(out)):
            target = buffers.empty(w.ndim, shape, typenum(out_slot))
        w.ndim = w.operands = 0
        a = apart(a, target)
        join(&w, a)
        if inputs > 1:
            b = apart(b, target)
            join(&w, b)
        if inputs > 2:
            c = apart(c, target)
            join(&w, c)
    if n > 0:
        join(&w, target)
        simplify(&w, inputs)
        if n > RELEASE:
            with nogil:
                run(&w, loop)
        else:
            run(&w, loop)
    if target is not out:
        cnp.PyArray_CopyInto(out, target)
    return out
