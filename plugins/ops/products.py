"""Products of vectors, matrices and more that are a line or two of others."""

import plugrad as pg
from plugrad.ops import axis_of, operand, parts_of


def _blend(input, product, beta, alpha):
    """beta * input + alpha * product; with beta = 0 the input does not count, not even its NaNs."""
    product = product if alpha == 1 else alpha * product
    if beta == 0:
        return product + pg.zeros_like(input)
    return (input if beta == 1 else beta * input) + product


def addmv(input, mat, vec, *, beta=1, alpha=1):
    """beta * input + alpha * mat @ vec"""
    return _blend(input, pg.mv(mat, vec), beta, alpha)


def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """beta * input + alpha * the outer product of two vectors"""
    return _blend(input, pg.outer(vec1, vec2), beta, alpha)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * batch1 @ batch2        batch1: (B, m, k)   batch2: (B, k, n)"""
    return _blend(input, pg.bmm(batch1, batch2), beta, alpha)


def addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * the sum over a batch of batch1 @ batch2"""
    batch1 = operand(batch1, "addbmm")
    return _blend(input, pg.bmm(batch1, batch2).sum(0, dtype=batch1.dtype), beta, alpha)


def inner(input, other):
    """y[i..., j...] = sum_k input[i..., k] * other[j..., k]; a 0-d tensor multiplies."""
    input, other = operand(input, "inner"), operand(other, "inner")
    if not (input.ndim and other.ndim):
        return input * other
    return tensordot(input, other, ([-1], [-1]))


def vdot(input, other):
    """The inner product of two vectors."""
    return pg.dot(input, other)


def tensordot(a, b, dims=2):
    """Sums of products over dimensions of a and b, the others following in order

    dims: so many, the last of a and the first of b; or two lists of dimensions.
    Raises RuntimeError where their sizes differ.
    """
    a, b = operand(a, "tensordot"), operand(b, "tensordot")
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot: expected dims from 0 to {min(a.ndim, b.ndim)}, got "
                               f"{dims}")
        dims = range(a.ndim - dims, a.ndim), range(dims)
    mine = [axis_of(d, a.ndim, "tensordot") for d in dims[0]]
    theirs = [axis_of(d, b.ndim, "tensordot") for d in dims[1]]
    sizes = [a.shape[d] for d in mine]
    if sizes != [b.shape[d] for d in theirs]:
        raise RuntimeError(f"tensordot: sizes {sizes} of dimensions {mine} of the first are not "
                           f"{[b.shape[d] for d in theirs]} of dimensions {theirs} of the second")
    left = [d for d in range(a.ndim) if d not in mine]
    right = [d for d in range(b.ndim) if d not in theirs]
    n = 1
    for size in sizes:
        n *= size
    outside = [a.shape[d] for d in left], [b.shape[d] for d in right]
    rows, columns = (pg.Size(sizes).numel() for sizes in outside)
    product = (a.permute(left + mine).reshape(rows, n) @
               b.permute(theirs + right).reshape(n, columns))
    return product.reshape(*outside[0], *outside[1])


def kron(input, other):
    """Kronecker's product: every element of input times the whole of other, in blocks."""
    input, other = operand(input, "kron"), operand(other, "kron")
    ndim = max(input.ndim, other.ndim)
    a, b = ([1] * (ndim - x.ndim) + list(x.shape) for x in (input, other))
    blocks = (input.reshape([n for size in a for n in (size, 1)]) *
              other.reshape([n for size in b for n in (1, size)]))
    return blocks.reshape([m * n for m, n in zip(a, b, strict=True)])


def cross(input, other, dim=None):
    """The cross product along a dimension of size 3; without dim, the first that has it."""
    input, other = operand(input, "cross"), operand(other, "cross")
    if dim is None:
        found = [d for d, n in enumerate(input.shape) if n == 3]
        if not found:
            raise RuntimeError("cross: expected a dimension of size 3, got shape "
                               f"{tuple(input.shape)}")
        dim = found[0]
    if input.ndim != other.ndim:
        raise RuntimeError("cross: expected as many dimensions in both, got shapes "
                           f"{tuple(input.shape)} and {tuple(other.shape)}")
    axis_of(dim, input.ndim, "cross")
    if not (input.ndim and input.shape[dim] == other.shape[dim] == 3):
        raise RuntimeError(f"cross: expected size 3 in dimension {dim}, got shapes "
                           f"{tuple(input.shape)} and {tuple(other.shape)}")
    return (input.roll(-1, dim) * other.roll(1, dim) - input.roll(1, dim) * other.roll(-1, dim))


def multi_dot(tensors):
    """The product of several matrices in the order that costs the fewest multiplications

    The first and the last may be vectors, a row and a column.   (Godbole, 1973)
    """
    tensors = parts_of(tensors, "multi_dot")
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot: expected at least 2 tensors, got {len(tensors)}")
    first, last = tensors[0].ndim == 1, tensors[-1].ndim == 1
    tensors[0] = tensors[0].unsqueeze(0) if first else tensors[0]
    tensors[-1] = tensors[-1].unsqueeze(1) if last else tensors[-1]
    sizes = [tensors[0].shape[0]]
    for i, x in enumerate(tensors):
        if x.ndim != 2 or (i and x.shape[0] != sizes[-1]):
            raise RuntimeError(f"multi_dot: expected a matrix of {sizes[-1]} rows as tensor {i}, "
                               f"got shape {tuple(x.shape)}")
        sizes.append(x.shape[1])
    y = _cheapest(tensors, sizes)
    y = y.squeeze(-1) if last else y
    return y.squeeze(0) if first else y


def _cheapest(tensors, sizes):
    n = len(tensors)
    cost, cut = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j))

    def product(i, j):
        return tensors[i] if i == j else product(i, cut[i, j]) @ product(cut[i, j] + 1, j)

    return product(0, n - 1)


def chain_matmul(*matrices):
    """As linalg.multi_dot; a single matrix is its own product."""
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)


def linalg_cross(input, other, *, dim=-1):
    """The cross product along a dimension of size 3."""
    return cross(input, other, dim)


@pg.hookimpl
def register_ops(register):
    register(addmv, addr, baddbmm, addbmm, in_place=True)
    register(inner, vdot, kron, cross)
    register(tensordot, chain_matmul, method=False)
    register(multi_dot, method=False, places=("linalg",))
    register(linalg_cross, name="cross", method=False, places=("linalg",))
