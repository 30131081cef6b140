"""Normalization by mean and variance: of channels (batch normalization), and of rows (layer
normalization)."""

cimport cython
cimport numpy as cnp

from plugrad.kernels.rows cimport normalize as kernels
from plugrad.ops.common cimport as_operand, cast
from plugrad.tensor.tensor cimport Op, Tensor, check_writable, wrap, written

cnp.import_array()


cdef cnp.ndarray folded(cnp.ndarray a, int kept):
    """Channels, kept = 0: a as (N, C, L).   Rows: a as (M, D), D its last `kept` dimensions."""
    cdef cnp.npy_intp[3] shape = [1, 1, 1]
    cdef cnp.PyArray_Dims dims
    cdef int i, ndim = cnp.PyArray_NDIM(a)
    dims.ptr, dims.len = shape, 2 if kept else 3
    if ndim == dims.len and kept < 2:
        return a
    for i in range(ndim):
        shape[i >= ndim - kept if kept else min(i, 2)] *= cnp.PyArray_DIM(a, i)
    return cnp.PyArray_Newshape(a, &dims, cnp.NPY_CORDER)


cdef cnp.ndarray flat(cnp.ndarray w):
    return None if w is None else cnp.PyArray_Ravel(w, cnp.NPY_CORDER)


cdef cnp.ndarray shaped(cnp.ndarray a, cnp.ndarray like):
    """a in the shape of another array of as many elements."""
    cdef cnp.PyArray_Dims dims
    dims.ptr, dims.len = cnp.PyArray_DIMS(like), cnp.PyArray_NDIM(like)
    return cnp.PyArray_Newshape(a, &dims, cnp.NPY_CORDER)


@cython.trashcan(True)
cdef class Normalize(Op):
    """y = w * (x - mean) / sqrt(var + eps) + b

    channels, rows = 0:   x, y: (N, C, ...)   w, b: (C,) or None     over all dimensions but C
    rows:                 x, y: (..., *S)     w, b: S or None        over S, the last `rows`
    fixed: mean and var are given in `stats`, and no gradient goes to them.
    """
    cdef int rows
    cdef bint fixed
    cdef double eps
    cdef cnp.ndarray stats                   # (3, groups): mean, var, 1 / sqrt(var + eps)

    def forward(self, cnp.ndarray x, cnp.ndarray w or None, cnp.ndarray b or None):
        cdef cnp.ndarray y
        self.kept = (x, w)
        if self.rows:
            y, self.stats = kernels.rows_forward(folded(x, self.rows), flat(w), flat(b), self.eps)
        else:
            y, self.stats = kernels.channels_forward(folded(x, 0), w, b, self.stats, self.eps)
        return shaped(y, x)

    def vjp(self, g):
        x, w = self.unpack()
        cdef NormalizeGrad op = NormalizeGrad.__new__(NormalizeGrad)
        op.rows, op.fixed, op.eps, op.stats = self.rows, self.fixed, self.eps, self.stats
        op.wanted = (self.needs(0), self.needs(1), self.needs(2))
        return scattered(op.run((g, x, w)), op.wanted)


@cython.trashcan(True)
cdef class NormalizeGrad(Op):
    """Those of Normalize's gradients that are wanted, of (dx, dw, db)

    dx = D(w g),   D(h) = rstd * (h - E[h] - xhat * E[h * xhat]),   xhat = (x - mean) * rstd
    dw = sum of g * xhat,   db = sum of g;   fixed: D(h) = rstd * h
    """
    cdef int rows
    cdef bint fixed
    cdef double eps
    cdef cnp.ndarray stats
    cdef tuple wanted

    def forward(self, cnp.ndarray g, cnp.ndarray x, cnp.ndarray w or None):
        cdef bint need_x = self.wanted[0], sums = self.wanted[1] or self.wanted[2]
        self.kept = (g, x, w)
        if self.rows:
            dx, dw, db = kernels.rows_backward(folded(g, self.rows), folded(x, self.rows), flat(w),
                                               self.stats, need_x, sums)
        else:
            dx, dw, db = kernels.channels_backward(folded(g, 0), folded(x, 0), w, self.stats,
                                                   self.fixed, need_x, sums)
        if need_x:
            dx = shaped(dx, x)
        if sums and self.rows > 1:
            size = (<object> x).shape[cnp.PyArray_NDIM(x) - self.rows:]
            dw, db = dw.reshape(size), db.reshape(size)
        return tuple([d for d, wanted in zip((dx, dw, db), self.wanted) if wanted])

    def vjp(self, *cotangents):
        g, x, w = self.unpack()
        u, q, p = scattered(cotangents, self.wanted)
        ndim = x.ndim
        dims = tuple(range(ndim - self.rows, ndim)) if self.rows else (0, *range(2, ndim))
        others = tuple(range(ndim - self.rows)) if self.rows else dims
        column = None if self.rows else (-1, *[1] * (ndim - 2))     # (C,) beside x
        if column is not None:
            w, q, p = [None if t is None else t.reshape(column) for t in (w, q, p)]
        if self.fixed:
            mean, _, rstd = [cast(wrap(part), cnp.PyArray_TYPE((<Tensor> x).array)).reshape(column)
                             for part in self.stats]
            xhat = (x - mean) * rstd
        else:
            centered = x - x.mean(dims, keepdim=True)
            rstd = ((centered * centered).mean(dims, keepdim=True) + self.eps).rsqrt()
            xhat = centered * rstd

        def D(h):
            return rstd * h if self.fixed else self.plain(h, x)

        dg = dx = dw = None
        back = None if u is None else D(u)                          # D is its own transpose
        if self.needs(0):
            terms = [None if u is None else back if w is None else back * w,
                     None if q is None else q * xhat, p]
            dg = sum([term for term in terms if term is not None])
            dg = dg.expand_as(x) if dg.ndim < ndim or dg.shape != x.shape else dg
        if self.needs(1):
            h = g if w is None else g * w
            through_xhat = None if q is None else q * g
            if u is not None and not self.fixed:
                a, b = [(t * xhat).mean(dims, keepdim=True) for t in (h, u)]
                moved = -rstd * (h * b + u * a)
                through_xhat = moved if q is None else moved + through_xhat
            if through_xhat is not None:
                dx = D(through_xhat)
            if u is not None and not self.fixed:
                spread = ((u * h).mean(dims, keepdim=True) - a * b
                          - u.mean(dims, keepdim=True) * h.mean(dims, keepdim=True))
                dx = dx - rstd * rstd * xhat * spread
        if self.needs(2) and u is not None:
            dw = back * g
            dw = dw.sum(others) if others else dw
        return dg, dx, dw

    cdef object plain(self, object h, object x):
        """D(h)"""
        cdef NormalizeGrad op = NormalizeGrad.__new__(NormalizeGrad)
        op.rows, op.fixed, op.eps, op.stats = self.rows, self.fixed, self.eps, self.stats
        op.wanted = (True, False, False)
        return op.run((h, x, None))[0]


cdef tuple scattered(tuple parts, tuple wanted):
    """The parts at the places where they are wanted, None elsewhere."""
    cdef list all_parts = list(parts)
    return tuple([all_parts.pop(0) if w else None for w in wanted])


cdef list of_one_dtype(str what, tuple tensors):
    """The tensors (or None), all of the first one's dtype, which is a floating point one."""
    cdef list found = [t if t is None else as_operand(t, what) for t in tensors]
    dtype = found[0].dtype
    if not dtype.is_floating_point:
        raise NotImplementedError(f"{what}: expected a floating point tensor, got {dtype}; convert "
                                  "it with .float()")
    for t in found[1:]:
        if t is not None and t.dtype is not dtype:
            raise RuntimeError(f"{what}: expected input of dtype {t.dtype}, as weights and "
                               f"statistics are, got {dtype}; convert it with .to({t.dtype})")
    return found


cdef Tensor normalized(tuple inputs, int rows, double eps, cnp.ndarray stats, Normalize op):
    op.rows, op.eps, op.stats, op.fixed = rows, eps, stats, stats is not None
    return op.run(inputs)


cdef int check_shape(str name, Tensor w, Tensor x, int rows) except -1:
    """Raise RuntimeError unless w is None or of the shape in which x ends."""
    cdef int i, skip = cnp.PyArray_NDIM(x.array) - rows
    cdef bint fits = w is None or cnp.PyArray_NDIM(w.array) == rows
    for i in range(rows if fits and w is not None else 0):
        fits &= cnp.PyArray_DIM(w.array, i) == cnp.PyArray_DIM(x.array, skip + i)
    if not fits:
        raise RuntimeError(f"layer_norm: expected {name} of shape {tuple(x.shape)[skip:]}, as "
                           f"normalized_shape, got {tuple(w.shape)}")
    return 0


def normalize_rows(x, weight, bias, int rows, double eps):
    """Normalize over the last `rows` dimensions.

    Raises RuntimeError for a weight or bias that has not their shape, or another dtype."""
    x, weight, bias = of_one_dtype("layer_norm", (x, weight, bias))
    check_shape("weight", weight, x, rows)
    check_shape("bias", bias, x, rows)
    return normalized((x, weight, bias), rows, eps, None, Normalize.__new__(Normalize))


def normalize_channels(str what, x, weight, bias, double eps):
    """(y, mean, var), mean and var of each channel as float64 arrays, var divided by n.

    what: the function that errors name."""
    cdef Normalize op = Normalize.__new__(Normalize)
    x, weight, bias = of_one_dtype(what, (x, weight, bias))
    y = normalized((x, weight, bias), 0, eps, None, op)
    return y, op.stats[0], op.stats[1]


def scale_channels(x, Tensor mean, Tensor var, weight, bias, double eps):
    """Normalize channels with this mean and variance."""
    cdef cnp.ndarray stats
    cdef cnp.npy_intp[2] shape = [3, cnp.PyArray_SIZE(mean.array)]
    x, weight, bias, _, _ = of_one_dtype("batch_norm", (x, weight, bias, mean, var))
    stats = cnp.PyArray_EMPTY(2, shape, cnp.NPY_DOUBLE, False)
    stats[0], stats[1] = mean.array, var.array
    stats[2] = 1 / (stats[1] + eps) ** 0.5
    return normalized((x, weight, bias), 0, eps, stats, Normalize.__new__(Normalize))


def move_towards(Tensor running, cnp.ndarray value, double momentum):
    """running += momentum * (value - running), outside of the graph."""
    cdef cnp.ndarray a = running.array
    cdef Py_ssize_t i
    check_writable(running, "batch_norm")
    if cnp.PyArray_TYPE(a) == cnp.NPY_FLOAT and cnp.PyArray_ISCARRAY(a):
        for i in range(cnp.PyArray_SIZE(a)):
            (<float*> a.data)[i] += <float> (momentum * ((<double*> value.data)[i]
                                                         - (<float*> a.data)[i]))
    else:
        a += momentum * (value - a)
    written(running, None)
