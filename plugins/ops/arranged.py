"""Other arrangements: turned, cut in sections, put side by side, at least so many dimensions."""

import numpy as np
import plugrad as pg
from plugrad.ops import axis_of, length, operand, parts_of

# ---------------------------------------------------------------------------------------- turning

def diagflat(input, offset=0):
    """The matrix with all elements of input on its diagonal (see diag)."""
    input = operand(input, "diagflat")
    return pg.diag(input.reshape(-1), offset)


def rot90(input, k=1, dims=(0, 1)):
    """Turned by k times 90 degrees from the first of two dimensions towards the second."""
    input = operand(input, "rot90")
    if len(dims) != 2 or axis_of(dims[0], input.ndim, "rot90") == axis_of(
            dims[1], input.ndim, "rot90"):
        raise RuntimeError(f"rot90: expected two different dimensions, got {dims}")
    a, b = dims
    return (pg.clone, lambda x: pg.transpose(pg.flip(x, b), a, b),
            lambda x: pg.flip(x, a, b),
            lambda x: pg.flip(pg.transpose(x, a, b), b))[k % 4](input)


def fliplr(input):
    """The elements in reverse order along dimension 1."""
    return pg.flip(_at_least(input, 2, "fliplr"), 1)


def flipud(input):
    """The elements in reverse order along dimension 0."""
    return pg.flip(_at_least(input, 1, "flipud"), 0)


def _at_least(x, ndim, what):
    x = operand(x, what)
    if x.ndim < ndim:
        raise RuntimeError(f"{what}: expected at least {ndim} dimensions, got shape "
                           f"{tuple(x.shape)}")
    return x


# ---------------------------------------------------------------------------------------- cutting

def tensor_split(input, indices_or_sections, dim=0):
    """Pieces along `dim`: so many of nearly one size, the larger ones first, or those that begin
    at the given places (a tuple or a vector).  Views."""
    input = operand(input, "tensor_split")
    if input.ndim == 0:
        raise RuntimeError("tensor_split: a 0-d tensor can't be split")
    axis = axis_of(dim, input.ndim, "tensor_split")
    size = input.shape[axis]
    cuts = indices_or_sections
    cuts = cuts.tolist() if isinstance(cuts, pg.Tensor) else cuts
    if not isinstance(cuts, (tuple, list)):
        cuts = length(cuts, "tensor_split")
        if cuts < 1:
            raise RuntimeError("tensor_split: expected at least 1 section, got 0")
        few, more = divmod(size, cuts)
        i = np.arange(1, cuts)
        cuts = (i * few + np.minimum(i, more)).tolist()
    before = (slice(None),) * axis
    return tuple(input[(*before, slice(start, stop))]
                 for start, stop in zip((0, *cuts), (*cuts, None), strict=True))


def split_with_sizes(input, split_sizes, dim=0):
    """Pieces of these sizes along `dim`; they must add up.  Views."""
    return pg.split(input, list(split_sizes), dim)


def hsplit(input, indices_or_sections):
    """Pieces along dimension 1 (0 for vectors), as tensor_split; sections must be of one size."""
    input = operand(input, "hsplit")
    return _split(_at_least(input, 1, "hsplit"), indices_or_sections, min(input.ndim - 1, 1),
                  "hsplit")


def vsplit(input, indices_or_sections):
    """Pieces along dimension 0, as tensor_split; sections must be of one size."""
    return _split(_at_least(input, 2, "vsplit"), indices_or_sections, 0, "vsplit")


def dsplit(input, indices_or_sections):
    """Pieces along dimension 2, as tensor_split; sections must be of one size."""
    return _split(_at_least(input, 3, "dsplit"), indices_or_sections, 2, "dsplit")


def _split(input, cuts, dim, what):
    if isinstance(cuts, int) and (cuts < 1 or input.shape[dim] % cuts):
        raise RuntimeError(f"{what}: {input.shape[dim]}, the size of dimension {dim}, is no "
                           f"multiple of {cuts}")
    return tensor_split(input, cuts, dim)


# ---------------------------------------------------------------------------------------- joining

def _each(make, what):
    def function(*tensors):
        if len(tensors) == 1 and isinstance(tensors[0], pg.Tensor):
            return make(tensors[0])
        tensors = tensors[0] if len(tensors) == 1 else tensors
        return tuple(map(make, parts_of(tensors, function.__name__)))

    function.__name__ = function.__qualname__ = f"atleast_{what}d"
    function.__doc__ = f"The tensors (or one) with at least {what} dimensions; new ones of size 1."
    return function


atleast_1d = _each(lambda x: x if x.ndim else x.reshape(1), 1)
atleast_2d = _each(lambda x: x if x.ndim > 1 else x.reshape(1, -1), 2)
atleast_3d = _each(lambda x: x if x.ndim > 2 else atleast_2d(x).unsqueeze(-1), 3)


def dstack(tensors):
    """The tensors joined along dimension 2, each with at least 3 dimensions."""
    return pg.cat(atleast_3d(parts_of(tensors, "dstack")), 2)


def column_stack(tensors):
    """The tensors joined along dimension 1; vectors become columns."""
    parts = parts_of(tensors, "column_stack")
    return pg.cat([x.reshape(-1, 1) if x.ndim < 2 else x for x in parts], 1)


def block_diag(*tensors):
    """The matrix with these matrices on its diagonal, and zeros elsewhere; vectors are rows."""
    blocks = atleast_2d(tuple(tensors)) or (atleast_2d(pg.Tensor(())),)
    for x in blocks:
        if x.ndim > 2:
            raise RuntimeError("block_diag: expected at most 2 dimensions, got shape "
                               f"{tuple(x.shape)}")
    width, left, rows = sum(x.shape[1] for x in blocks), 0, []
    for x in blocks:
        rows.append(pg.nn.functional.pad(x, (left, width - left - x.shape[1])))
        left += x.shape[1]
    return pg.cat(rows)


# ----------------------------------------------------------------------------------- broadcasting

def broadcast_shapes(*shapes):
    """The shape to which all of these broadcast.  Raises RuntimeError if there is none."""
    try:
        return pg.Size(np.broadcast_shapes(*shapes))
    except ValueError:
        raise RuntimeError(f"broadcast_shapes: {', '.join(map(str, shapes))}: counted from the "
                           "last dimension, sizes must be equal or 1") from None


def broadcast_tensors(*tensors):
    """The tensors seen in their common shape."""
    tensors = parts_of(tensors, "broadcast_tensors")
    common = broadcast_shapes(*(tuple(x.shape) for x in tensors))
    return tuple(pg.broadcast_to(x, common) for x in tensors)


moveaxis, swapdims, row_stack = pg.movedim, pg.transpose, pg.vstack


@pg.hookimpl
def register_ops(register):
    register(diagflat, rot90, fliplr, flipud, tensor_split, split_with_sizes, hsplit, vsplit,
             dsplit)
    register(atleast_1d, atleast_2d, atleast_3d, dstack, column_stack, block_diag,
             broadcast_shapes, broadcast_tensors, method=False)
    register(moveaxis, name="moveaxis")
    register(swapdims, name="swapdims")
    register(row_stack, name="row_stack", method=False)
