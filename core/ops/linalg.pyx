"""Matrix products, and all that can be said as one: matmul, linear, einsum."""

cimport numpy as cnp

import string

import numpy as np

from plugrad.kernels.matmul.gemm cimport matmul as multiply
from plugrad.kernels.base.views cimport strided
from plugrad.ops.common cimport Shape, as_operand, cast, run, run2, sum_to
from plugrad.ops.common import methods, result_type
from plugrad.tensor.tensor cimport Op, Tensor, operators

cnp.import_array()


cdef cnp.ndarray turned(cnp.ndarray a):
    """a with its last two dimensions exchanged, a view."""
    cdef cnp.npy_intp sizes[32]
    cdef cnp.npy_intp strides[32]
    cdef int i, ndim = cnp.PyArray_NDIM(a)
    for i in range(ndim):
        sizes[i], strides[i] = cnp.PyArray_DIM(a, i), cnp.PyArray_STRIDE(a, i)
    i = ndim - 2
    sizes[i], sizes[i + 1] = sizes[i + 1], sizes[i]
    strides[i], strides[i + 1] = strides[i + 1], strides[i]
    return strided(a, ndim, sizes, strides, 0)


cdef class MatMul(Op):
    """y = a @ b, each of them transposed first if turn says so

    a: (..., m, k)   b: (..., k, n)   y: (..., m, n)
    """
    cdef bint turn_a, turn_b

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        self.kept = (a if self.needs(1) else None, b if self.needs(0) else None)
        return multiply(turned(a) if self.turn_a else a, turned(b) if self.turn_b else b)

    def vjp(self, g):
        cdef Tensor a, b, da = None, db = None
        a, b = self.unpack()
        if self.needs(0):
            da = (product(b, g, self.turn_b, True) if self.turn_a
                  else product(g, b, False, not self.turn_b))
        if self.needs(1):
            db = (product(g, a, True, self.turn_a) if self.turn_b
                  else product(a, g, not self.turn_a, False))
        return da, db


cdef Tensor product(Tensor a, Tensor b, bint turn_a, bint turn_b):
    """a @ b for matrices that fit, transposed first where asked."""
    cdef MatMul op = MatMul.__new__(MatMul)
    op.turn_a, op.turn_b = turn_a, turn_b
    return op.run2(a, b)


cdef class Linear(Op):
    """y = x @ w.T + b        x: (m, k)   w: (n, k)   b: (n,)   y: (m, n)"""

    def forward(self, cnp.ndarray x, cnp.ndarray w, cnp.ndarray b):
        self.kept = (x if self.needs(1) else None, w if self.needs(0) else None)
        return multiply(x, turned(w), b)

    def vjp(self, g):
        cdef Shape of_b
        x, w = self.unpack()
        of_b.ndim, of_b.sizes[0] = 1, cnp.PyArray_DIM((<Tensor> g).array, 1)
        return (product(g, w, False, False) if self.needs(0) else None,
                product(g, x, True, False) if self.needs(1) else None,
                sum_to(g, of_b) if self.needs(2) else None)


cdef object same_dtype(Tensor a, Tensor b, str what):
    if cnp.PyArray_TYPE(a.array) != cnp.PyArray_TYPE(b.array):
        wrong = "second" if not cnp.PyArray_ISFLOAT(b.array) else "first"
        raise RuntimeError(f"{what}: expected both tensors to have the same dtype, got {a.dtype} "
                           f"and {b.dtype}; convert the {wrong} with "
                           f".to({a.dtype if wrong == 'second' else b.dtype})")


def matmul(input, other):
    """The matrix product.  Vectors count as a row on the left and a column on the right; leading
    dimensions are batches and broadcast.  Raises RuntimeError if the inner sizes differ."""
    cdef Tensor a = as_operand(input, "matmul"), b = as_operand(other, "matmul")
    cdef int na = cnp.PyArray_NDIM(a.array), nb = cnp.PyArray_NDIM(b.array)
    if na == 0 or nb == 0:
        raise RuntimeError("matmul: expected at least 1 dimension, got shapes "
                           f"{tuple(a.shape)} and {tuple(b.shape)}; multiply numbers with *")
    same_dtype(a, b, "matmul")
    if cnp.PyArray_DIM(a.array, na - 1) != cnp.PyArray_DIM(b.array, max(nb - 2, 0)):
        raise RuntimeError(
            f"matmul: shapes {tuple(a.shape)} and {tuple(b.shape)} do not fit: the last size of "
            f"the first, {a.shape[-1]}, must be the {'last but one' if nb > 1 else 'only'} size of "
            f"the second, {b.shape[max(nb - 2, 0)]}")
    if na == 2 and nb == 2:
        return run2(MatMul.__new__(MatMul), a, b)
    if na == 1 and nb == 1:
        return run2(MatMul.__new__(MatMul), a.unsqueeze(0), b.unsqueeze(1)).reshape(())
    if na == 1:
        return matmul(a.unsqueeze(0), b).squeeze(-2)
    if nb == 1:
        return matmul(a, b.unsqueeze(1)).squeeze(-1)
    if nb == 2:                                   # one matrix for the whole batch: one product
        y = run2(MatMul.__new__(MatMul), a.reshape(rows(a), a.shape[na - 1]), b)
        return y.reshape(tuple(a.shape)[:-1] + (b.shape[1],))
    try:
        batch = np.broadcast_shapes(tuple(a.shape)[:-2], tuple(b.shape)[:-2])
    except ValueError:
        raise RuntimeError(f"matmul: the batch dimensions of {tuple(a.shape)} and "
                           f"{tuple(b.shape)} do not broadcast") from None
    if a.requires() and tuple(a.shape)[:-2] != batch:
        a = a.expand(batch + tuple(a.shape)[-2:])
    if b.requires() and tuple(b.shape)[:-2] != batch:
        b = b.expand(batch + tuple(b.shape)[-2:])
    return run2(MatMul.__new__(MatMul), a, b)


cdef Py_ssize_t rows(Tensor a):
    """The number of rows of all matrices of a batch together."""
    cdef Py_ssize_t n = 1
    for i in range(cnp.PyArray_NDIM(a.array) - 1):
        n *= cnp.PyArray_DIM(a.array, i)
    return n


def linear(input, weight, bias=None):
    """y = x @ weight.T + bias        x: (..., k)   weight: (n, k)   bias: (n,)   y: (..., n)"""
    cdef Tensor x = as_operand(input, "linear"), w = as_operand(weight, "linear"), b
    cdef int ndim = cnp.PyArray_NDIM(x.array)
    same_dtype(x, w, "linear")
    if cnp.PyArray_NDIM(w.array) != 2:
        raise RuntimeError(f"linear: expected a weight of shape (out, in), got {tuple(w.shape)}")
    if ndim == 0 or cnp.PyArray_DIM(x.array, ndim - 1) != cnp.PyArray_DIM(w.array, 1):
        remedy = ("; x.flatten(1) makes one row of each example"
                  if ndim > 2 and x[0].numel() == w.shape[1] else "")
        raise RuntimeError(
            f"linear: expected an input of shape (..., {w.shape[1]}) for a weight of shape "
            f"{tuple(w.shape)}, got {tuple(x.shape)}{remedy}")
    if bias is None and ndim == 2:
        return product(x, w, False, True)
    if bias is None:
        return matmul(x, w.mT)
    b = as_operand(bias)
    same_dtype(x, b, "linear")
    if cnp.PyArray_NDIM(b.array) != 1 or cnp.PyArray_DIM(b.array, 0) != w.shape[0]:
        raise RuntimeError(f"linear: expected a bias of shape ({w.shape[0]},), got "
                           f"{tuple(b.shape)}")
    if ndim == 2:
        return run(Linear.__new__(Linear), (x, w, b))
    y = run(Linear.__new__(Linear), (x.reshape(rows(x), w.shape[1]), w, b))
    return y.reshape(tuple(x.shape)[:-1] + (w.shape[0],))


def _sized(x, ndim, what):
    if as_operand(x).ndim != ndim:
        raise RuntimeError(f"{what}: expected {ndim} dimensions, got shape {tuple(x.shape)}")
    return x


def mm(input, mat2):
    """The product of two matrices."""
    return matmul(_sized(input, 2, "mm"), _sized(mat2, 2, "mm"))


def bmm(input, mat2):
    """The products of two batches of matrices, (b, m, k) and (b, k, n)."""
    a, b = _sized(input, 3, "bmm"), _sized(mat2, 3, "bmm")
    if a.shape[0] != b.shape[0]:
        raise RuntimeError(f"bmm: expected batches of one size, got {tuple(a.shape)} and "
                           f"{tuple(b.shape)}")
    return matmul(a, b)


def mv(input, vec):
    """The product of a matrix and a vector."""
    return matmul(_sized(input, 2, "mv"), _sized(vec, 1, "mv"))


def dot(input, tensor):
    """The inner product of two vectors."""
    return matmul(_sized(input, 1, "dot"), _sized(tensor, 1, "dot"))


def outer(input, vec2):
    """y[i, j] = input[i] * vec2[j]"""
    return _sized(input, 1, "outer").unsqueeze(1) * _sized(vec2, 1, "outer")


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """beta * input + alpha * mat1 @ mat2"""
    product = mm(mat1, mat2)
    return (input if beta == 1 else beta * input) + (product if alpha == 1 else alpha * product)


# ------------------------------------------------------------------------------------------- einsum

def einsum(equation, *operands):
    """Einstein's summation: "ij,jk->ik" is a matrix product, "ii->i" a diagonal, "ij->" a sum.

    Labels are letters, "..." stands for further dimensions; without "->" the output has, in
    alphabetical order, the labels that occur once.
    """
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(operands[0])
    if not isinstance(equation, str):
        raise TypeError(f"einsum: expected the equation to be a str, got {type(equation).__name__}")
    tensors = [as_operand(x, "einsum") for x in operands]
    inputs, output = _parsed(equation, tensors)
    typenum = result_type(*tensors).numpy.num
    terms = []
    for labels, x in zip(inputs, tensors):
        x, labels = _diagonal(cast(x, typenum), labels)
        terms.append((x, labels))
    sizes = {}
    for x, labels in terms:
        for label, size in zip(labels, x.shape):
            if sizes.setdefault(label, size) != size:
                if 1 not in (size, sizes[label]):
                    raise RuntimeError(f"einsum: label {label!r} of {equation!r} has sizes "
                                       f"{sizes[label]} and {size}")
                sizes[label] = max(size, sizes[label])
    x, labels = terms[0]
    for i, (y, other) in enumerate(terms[1:], 1):
        later = set(output).union(*[rest for _, rest in terms[i + 1:]])
        x, labels = _contract(x, labels, y, other, later)
    gone = [i for i, label in enumerate(labels) if label not in output]
    if gone:
        x = x.sum(tuple(gone))
        labels = "".join([label for label in labels if label in output])
    return x.permute([labels.index(label) for label in output])


def _parsed(str equation, list tensors):
    """The labels of each operand and of the output, with "..." written out."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(tensors):
        raise RuntimeError(f"einsum: {equation!r} has {len(inputs)} operands, got {len(tensors)}")
    spare = [c for c in string.ascii_letters if c not in equation]
    most = 0
    counts = []
    for labels, x in zip(inputs, tensors):
        named = labels.replace("...", "", 1)
        if not all([c in string.ascii_letters for c in named]):
            raise RuntimeError(f"einsum: {equation!r}: labels are letters, and '...' occurs once "
                               "per operand")
        extra = x.ndim - len(named)
        if extra < 0 or (extra and "..." not in labels):
            raise RuntimeError(f"einsum: {labels!r} names {len(named)} dimensions, and the operand "
                               f"has shape {tuple(x.shape)}")
        counts.append(extra)
        most = max(most, extra)
    dots = "".join(spare[:most])
    inputs = [labels.replace("...", dots[most - n:]) for labels, n in zip(inputs, counts)]
    joined = "".join(inputs)
    if arrow:
        output = right.replace("...", dots)
    else:
        once = [c for c in set(joined) - set(dots) if joined.count(c) == 1]
        output = dots + "".join(sorted(once))
    for label in output:
        if label not in joined or output.count(label) > 1:
            raise RuntimeError(f"einsum: output label {label!r} of {equation!r} must occur in an "
                               "operand, and once in the output")
    return inputs, output


def _diagonal(x, labels):
    """x with repeated labels ("ii") replaced by one that runs along the diagonal."""
    from plugrad.ops.create import arange
    for label in set(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            n = x.shape[first]
            if x.shape[second] != n:
                raise RuntimeError(f"einsum: label {label!r} has sizes {n} and {x.shape[second]}")
            x = x.movedim((first, second), (0, 1))[arange(n), arange(n)]
            rest = labels[:first] + labels[first + 1:second] + labels[second + 1:]
            labels = label + rest
    return x, labels


def _contract(x, a, y, b, later):
    """The product of two terms, summed over the labels that nobody needs later: as one batched
    matrix product of (batch, left, summed) and (batch, summed, right)."""
    gone_x = [i for i, c in enumerate(a) if c not in b and c not in later]
    gone_y = [i for i, c in enumerate(b) if c not in a and c not in later]
    if gone_x:
        x, a = x.sum(tuple(gone_x)), "".join([c for i, c in enumerate(a) if i not in gone_x])
    if gone_y:
        y, b = y.sum(tuple(gone_y)), "".join([c for i, c in enumerate(b) if i not in gone_y])
    both = [c for c in a if c in b]
    size = {c: max(x.shape[a.index(c)], y.shape[b.index(c)]) for c in both}
    x = x.expand([size.get(c, n) for c, n in zip(a, x.shape)])
    y = y.expand([size.get(c, n) for c, n in zip(b, y.shape)])
    batch = [c for c in both if c in later]
    summed = [c for c in both if c not in later]
    left = [c for c in a if c not in b]
    right = [c for c in b if c not in a]
    x = x.permute([a.index(c) for c in batch + left + summed])
    y = y.permute([b.index(c) for c in batch + summed + right])
    shape = tuple(x.shape)[:len(batch) + len(left)] + tuple(y.shape)[len(batch) + len(summed):]
    nb, nl, ns, nr = [_product([dict(zip(batch + left + summed, x.shape)).get(c)
                                or dict(zip(batch + summed + right, y.shape)).get(c, 0)
                                for c in group]) for group in (batch, left, summed, right)]
    product = matmul(x.reshape(nb, nl, ns), y.reshape(nb, ns, nr))
    return product.reshape(shape), "".join(batch + left + right)


def _product(sizes):
    n = 1
    for size in sizes:
        n *= size
    return n


cdef object operator_matmul(object a, object b):
    return matmul(a, b)

operators.matmul = operator_matmul

methods([matmul, mm, bmm, mv, dot, outer])
methods([addmm], in_place_too=True)
